"""What a hint carried serves at once, by the same rules as what the store was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.errors import Invalid
from proxy.following import lastgood, latch
from proxy.following.latch import Note
from proxy.following.watch import Status
from proxy.source import SourceUnavailable
from tests.doubles.bench import Bench, running
from tests.doubles.documents import DAMAGES, document

GONE = SourceUnavailable("cannot be read")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """One that serves version 7."""
    bench = Bench(tmp_path)
    async with running(bench.watch):
        await bench.offer(document(7))
        yield bench


async def hear(bench: Bench, said: bytes) -> Status:
    """What the watch says after a hint carried that, and the store was asked."""
    bench.source.said = said
    await bench.source.turn()
    return bench.watch.status()


def versions(bench: Bench) -> list[int]:
    return [snapshot.version for snapshot in bench.applied]


async def test_it_serves_and_is_kept_while_the_store_is_away(bench: Bench) -> None:
    bench.source.failure = GONE
    assert (await hear(bench, document(8))).version == 8
    assert lastgood.load(bench.state_dir) == document(8)
    assert bench.source.acknowledged == {"one": 7}
    bench.source.document = document(8)
    status = await bench.fail(None)
    assert (status.version, status.degraded) == (8, False)
    assert versions(bench) == [7, 8]
    assert bench.source.acknowledged == {"one": 8}


@pytest.mark.parametrize(
    "said",
    [
        document(6),
        document(7),
        document(7, share=1),
        document(8, epoch=1),
        *(damage(document(8)) for damage in DAMAGES.values()),
    ],
)
async def test_what_is_old_replayed_garbled_or_of_another_epoch_does_nothing(
    bench: Bench, said: bytes
) -> None:
    status = await hear(bench, said)
    assert (status.version, status.degraded) == (7, False)
    assert versions(bench) == [7]
    assert bench.watch.faults == 0


async def test_a_lower_epoch_cannot_come_back_by_a_hint(bench: Bench) -> None:
    await bench.offer(document(1, epoch=1))
    assert (await hear(bench, document(9))).version == 1
    assert versions(bench) == [7, 1]


async def test_what_the_store_has_lost_since_is_kept_as_anything_that_served(bench: Bench) -> None:
    status = await hear(bench, document(8))
    assert status.version == 8
    (reason,) = status.reasons
    assert "the store went back to version 7 of epoch 0; version 8 of epoch 0 is kept" in reason


async def test_where_the_store_is_ahead_of_the_hint_its_document_serves(bench: Bench) -> None:
    bench.source.document = document(9)
    status = await hear(bench, document(8))
    assert (status.version, status.degraded) == (9, False)
    assert versions(bench) == [7, 8, 9]


async def test_later_hints_overtake_earlier_ones_while_the_store_is_away(bench: Bench) -> None:
    bench.source.failure = GONE
    await hear(bench, document(9))
    await hear(bench, document(8))
    assert (await hear(bench, document(10))).version == 10
    assert versions(bench) == [7, 9, 10]


async def test_one_that_cannot_serve_is_reported_by_the_stores_word_alone(bench: Bench) -> None:
    bench.fault = Invalid("no upstream 'elsewhere'")
    assert (await hear(bench, document(8))).degraded is False
    status = await bench.offer(document(8))
    assert status.reasons == ("the store's document is refused: no upstream 'elsewhere'",)
    assert status.version == 7


async def test_before_the_store_has_answered_no_hint_serves(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.failure = GONE
    async with running(bench.watch):
        await bench.fail(GONE)
        assert (await hear(bench, document(8))).version is None


async def test_the_local_latch_wins_over_a_hint_too(tmp_path: Path) -> None:
    latch.latch(tmp_path, "triage", Note(actor="jane", at="2026-01-02T03:04:05Z"))
    bench = Bench(tmp_path)
    async with running(bench.watch):
        await bench.offer(document(7))
        bench.source.failure = GONE
        await hear(bench, document(8, share=5_000))
    assert [snapshot.routes[0].split.share for snapshot in bench.applied] == [0, 0]
