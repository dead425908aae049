"""What every store must do, whatever it keeps its document in."""

from __future__ import annotations

import asyncio

import pytest

from control.store import Conflict, Store, Stored
from proxy.errors import Invalid
from tests.doubles.documents import DAMAGES, document, event


async def commit(store: Store, version: int, *, share: int = 0, epoch: int = 0) -> None:
    """Commits `version` on top of the version before it."""
    await store.commit(document(version, share=share, epoch=epoch), version - 1, event(version))


class StoreContract:
    """A subclass gives the fixture `store`: one to which nothing was ever committed."""

    async def test_a_new_store_answers_that_it_is_empty(self, store: Store) -> None:
        assert await store.read() == Stored(version=0, document=None)
        assert await store.history("triage", 10) == []
        assert await store.workers() == []

    async def test_what_was_committed_is_read_byte_for_byte(self, store: Store) -> None:
        await commit(store, 1, share=1_000)
        await commit(store, 2, share=2_500)
        assert await store.read() == Stored(2, document(2, share=2_500))

    @pytest.mark.parametrize("expected", [0, 1, 3, 99])
    async def test_a_stale_commit_conflicts_and_changes_nothing(
        self, store: Store, expected: int
    ) -> None:
        await commit(store, 1)
        await commit(store, 2)
        with pytest.raises(Conflict) as conflict:
            await store.commit(document(expected + 1), expected, event(expected + 1))
        assert conflict.value.current == 2
        assert await store.read() == Stored(2, document(2))
        assert len(await store.history("triage", 10)) == 2

    async def test_of_a_hundred_commits_on_one_version_exactly_one_wins(self, store: Store) -> None:
        await commit(store, 1)
        answers = await asyncio.gather(
            *(commit(store, 2, share=share) for share in range(100)), return_exceptions=True
        )
        winners = [share for share, answer in enumerate(answers) if answer is None]
        losers = [answer.current for answer in answers if isinstance(answer, Conflict)]
        assert len(winners) == 1
        assert losers == [2] * 99
        assert await store.read() == Stored(2, document(2, share=winners[0]))
        assert len(await store.history("triage", 1_000)) == 2

    async def test_losers_that_read_again_get_in_one_after_the_other(self, store: Store) -> None:
        async def insist(share: int) -> None:
            while True:
                version = (await store.read()).version + 1
                try:
                    await commit(store, version, share=share)
                except Conflict:
                    continue
                return

        await asyncio.gather(*(insist(share) for share in range(12)))
        assert (await store.read()).version == 12
        told = [change.version for change in await store.history("triage", 100)]
        assert told == list(range(12, 0, -1))

    async def test_history_is_told_newest_first_for_one_migration(self, store: Store) -> None:
        for version in range(1, 6):
            told = event(version, migration="odd" if version % 2 else "even")
            await store.commit(document(version), version - 1, told)
        assert await store.history("odd", 10) == [event(v, migration="odd") for v in (5, 3, 1)]
        assert await store.history("odd", 1) == [event(5, migration="odd")]
        assert await store.history("odd", 0) == []
        assert await store.history("unknown", 10) == []

    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
    async def test_an_unsound_document_is_never_committed(self, store: Store, damage) -> None:  # type: ignore[no-untyped-def]
        await commit(store, 1)
        with pytest.raises(Invalid):
            await store.commit(damage(document(2)), 1, event(2))
        assert await store.read() == Stored(1, document(1))

    @pytest.mark.parametrize(("version", "told"), [(1, 1), (3, 3), (2, 3), (3, 2)])
    async def test_a_change_makes_the_very_next_version(
        self, store: Store, version: int, told: int
    ) -> None:
        await commit(store, 1)
        with pytest.raises(Invalid, match="a change of version 1 makes 2"):
            await store.commit(document(version), 1, event(told))
        assert await store.read() == Stored(1, document(1))
        assert len(await store.history("triage", 10)) == 1

    async def test_an_epoch_is_raised_and_never_lowered(self, store: Store) -> None:
        await commit(store, 1)
        await commit(store, 2, epoch=1)
        with pytest.raises(Invalid, match="epoch 1"):
            await commit(store, 3, epoch=0)
        await commit(store, 3, epoch=1)
        assert await store.read() == Stored(3, document(3, epoch=1))
