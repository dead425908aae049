"""One change by compare-and-set, against a real store that others change in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.desk.commit import MOST_RACES, Order, commit, read
from control.migration import steering, transitions
from control.migration.book import Book, opened
from control.migration.ledger import Stamp, State, Verb
from control.refusal import Code, DeskError
from control.store import Conflict, Event, Stored, StoreUnavailable
from control.store.embedded import EmbeddedStore
from proxy.errors import Invalid
from tests.control.ramps import ramp
from tests.control.states import state

AT = "2026-01-02T03:04:05.678Z"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path)
    yield store
    await store.close()


def order(
    verb: Verb = Verb.SET_WEIGHT, *, name: str = "triage", expected: int | None = None
) -> Order:
    return Order(verb=verb, name=name, actor="jane", at=AT, expected_version=expected)


def create(known: State | None, book: Book, stamp: Stamp) -> State:
    return state(version=stamp.version)


def weigh(share: int):  # type: ignore[no-untyped-def]
    def decide(known: State | None, book: Book, stamp: Stamp) -> State:
        assert known is not None
        return transitions.set_share(known, share, stamp)

    return decide


def roll_back(known: State | None, book: Book, stamp: Stamp) -> State:
    assert known is not None
    return transitions.roll_back(known, stamp)


def promoted(known: State | None, book: Book, stamp: Stamp) -> State:
    assert known is not None
    return steering.promote(known, stamp)


async def test_a_change_makes_the_next_version_and_its_event(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    done = await commit(store, order(), weigh(1_250))
    assert (done.version, done.changed, done.state.route.split.share) == (2, True, 1_250)
    assert (await read(store)).state("triage") == done.state
    assert (await store.history("triage", 1)) == [
        Event(
            version=2,
            migration="triage",
            verb="set-weight",
            actor="jane",
            reason=None,
            at=AT,
            evidence={"weight_before": "0", "weight_after": "12.5", "cause": "WeightSet"},
            phase="Progressing",
        )
    ]


async def test_no_change_makes_no_version_and_no_event(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    done = await commit(store, order(), weigh(0))
    assert (done.version, done.changed) == (1, False)
    assert len(await store.history("triage", 10)) == 1


async def test_a_lost_race_is_decided_afresh(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    seen: list[int] = []

    class Racing:
        """The store, to which somebody else commits right after the first look."""

        async def read(self) -> Stored:
            found = await store.read()
            if not seen:
                await commit(store, order(Verb.ROLLBACK), roll_back)
            return found

        commit = staticmethod(store.commit)

    def decide(known: State | None, book: Book, stamp: Stamp) -> State:
        assert known is not None
        seen.append(book.version)
        return transitions.set_share(known, 5_000, stamp)

    with pytest.raises(DeskError, match="rolled back"):
        await commit(Racing(), order(), decide)  # type: ignore[arg-type]
    assert seen == [1, 2]


async def test_a_promotion_is_of_the_step_that_it_was_given_at(store: EmbeddedStore) -> None:
    """Else two operators who promote at once pass over a step."""
    await commit(store, order(Verb.APPLY), lambda known, book, stamp: ramp(0))
    looks = 0

    class Racing:
        """The store, to which somebody else promotes right after the first look."""

        async def read(self) -> Stored:
            nonlocal looks
            found, looks = await store.read(), looks + 1
            if looks == 1:
                await commit(store, order(Verb.PROMOTE), promoted)
            return found

        commit = staticmethod(store.commit)

    with pytest.raises(DeskError) as refused:
        await commit(Racing(), order(Verb.PROMOTE), promoted)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.current) == (Code.VERSION_CONFLICT, 2)
    known = (await read(store)).state("triage")
    assert known is not None
    assert known.entry.step_index == 1


@pytest.mark.parametrize(
    ("verb", "said"),
    [(Verb.SET_WEIGHT, "trying again does no harm"), (Verb.PROMOTE, "before another promote")],
)
async def test_a_lost_answer_says_whether_to_try_again(
    store: EmbeddedStore, verb: Verb, said: str
) -> None:
    await commit(store, order(Verb.APPLY), lambda known, book, stamp: ramp(0))

    class Mute:
        """The store, which takes a change and never says so."""

        read = staticmethod(store.read)

        async def commit(self, document: bytes, expected: int, event: Event) -> None:
            await store.commit(document, expected, event)
            raise StoreUnavailable("no answer")

    decide = promoted if verb is Verb.PROMOTE else weigh(5_000)
    with pytest.raises(DeskError, match=said) as refused:
        await commit(Mute(), order(verb), decide)  # type: ignore[arg-type]
    assert refused.value.code is Code.STORE_UNAVAILABLE


async def test_races_are_not_run_for_ever() -> None:
    class Losing:
        async def read(self) -> Stored:
            return Stored(0, None)

        async def commit(self, document: bytes, expected: int, event: Event) -> None:
            raise Conflict(expected + 1)

    with pytest.raises(DeskError, match=f"{MOST_RACES} races") as refused:
        await commit(Losing(), order(Verb.APPLY), create)  # type: ignore[arg-type]
    assert refused.value.code is Code.BUSY


async def test_a_stale_expected_version_is_told_what_came_in_between(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    await commit(store, order(expected=1), weigh(1_000))
    with pytest.raises(DeskError) as refused:
        await commit(store, order(expected=1), weigh(2_000))
    assert (refused.value.code, refused.value.current) == (Code.VERSION_CONFLICT, 2)
    assert refused.value.message == (
        "triage is at version 2, not 1: jane left it Progressing at weight 10 (WeightSet)"
    )


async def test_the_expected_version_is_the_migrations_own(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    other = state("other", version=2)
    await commit(store, order(Verb.APPLY, name="other"), lambda known, book, stamp: other)
    done = await commit(store, order(expected=1), weigh(1_000))
    assert done.version == 3


async def test_version_0_expects_that_there_is_none(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY, expected=0), create)
    with pytest.raises(DeskError) as refused:
        await commit(store, order(Verb.APPLY, expected=0), create)
    assert (refused.value.code, refused.value.current) == (Code.VERSION_CONFLICT, 1)
    with pytest.raises(DeskError, match="it is not registered") as refused:
        await commit(store, order(Verb.APPLY, name="absent", expected=4), create)
    assert refused.value.current == 0


async def test_a_rollback_that_is_sent_again_is_done_already(store: EmbeddedStore) -> None:
    await commit(store, order(Verb.APPLY), create)
    await commit(store, order(Verb.ROLLBACK, expected=1), roll_back)
    again = await commit(store, order(Verb.ROLLBACK, expected=1), roll_back)
    assert (again.version, again.changed) == (2, False)


@pytest.mark.parametrize("at", ["read", "commit"])
async def test_a_store_that_is_away_is_said_to_be(at: str) -> None:
    class Away:
        async def read(self) -> Stored:
            if at == "read":
                raise StoreUnavailable("disk is full")
            return Stored(0, None)

        async def commit(self, document: bytes, expected: int, event: Event) -> None:
            raise StoreUnavailable("disk is full")

    with pytest.raises(DeskError, match="disk is full") as refused:
        await commit(Away(), order(Verb.APPLY), create)  # type: ignore[arg-type]
    assert refused.value.code is Code.STORE_UNAVAILABLE


async def test_a_document_that_cannot_be_trusted_is_no_empty_store() -> None:
    class Damaged:
        async def read(self) -> Stored:
            return Stored(1, opened(None).amended([state()]).document()[:-9])

    with pytest.raises(DeskError) as refused:
        await read(Damaged())  # type: ignore[arg-type]
    assert refused.value.code is Code.STORE_UNREADABLE


async def test_a_change_that_no_worker_may_load_is_refused() -> None:
    class Strict:
        async def read(self) -> Stored:
            return Stored(0, None)

        async def commit(self, document: bytes, expected: int, event: Event) -> None:
            raise Invalid("the document is larger than 16 MiB")

    with pytest.raises(DeskError, match="nothing changed: the document is larger") as refused:
        await commit(Strict(), order(Verb.APPLY), create)  # type: ignore[arg-type]
    assert refused.value.code is Code.INVALID_DOCUMENT
