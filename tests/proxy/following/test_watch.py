"""What serves while the store, the disk and the documents go wrong, one after the other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from proxy.errors import Invalid
from proxy.following import lastgood
from proxy.following.watch import Status
from proxy.policy import Snapshot
from proxy.source import SourceUnavailable
from tests.doubles.bench import Bench, running
from tests.doubles.documents import DAMAGES, document


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


GONE = SourceUnavailable("cannot be read")


async def test_a_document_serves_is_saved_and_is_acknowledged(bench: Bench) -> None:
    async with running(bench.watch):
        status = await bench.offer(document(3, share=100))
    assert status == Status(epoch=0, version=3, age_s=0.0, degraded=False, reasons=())
    assert bench.watch.snapshot is bench.applied[-1]
    assert bench.applied[-1].routes[0].split.share == 100
    assert lastgood.load(bench.state_dir) == document(3, share=100)
    assert bench.source.acknowledged == {"one": 3}


async def test_before_the_first_answer_nothing_serves(bench: Bench) -> None:
    assert bench.watch.status() == Status(
        epoch=None, version=None, age_s=None, degraded=False, reasons=()
    )
    assert bench.watch.snapshot is None


async def test_an_empty_store_serves_a_snapshot_without_routes(bench: Bench) -> None:
    async with running(bench.watch):
        status = await bench.offer(None)
    assert status == Status(epoch=0, version=0, age_s=0.0, degraded=False, reasons=())
    assert bench.applied == [Snapshot(epoch=0, version=0)]
    assert bench.source.acknowledged == {"one": 0}
    assert lastgood.load(bench.state_dir) is None


async def test_the_first_commit_follows_on_an_empty_store(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(None)
        assert (await bench.offer(document(1))).version == 1


async def test_the_same_document_is_applied_once(bench: Bench) -> None:
    async with running(bench.watch):
        for _ in range(3):
            await bench.offer(document(1))
    assert len(bench.applied) == 1


async def test_a_lost_store_changes_nothing_but_the_age(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(document(1))
        bench.now += 1_000_000.0
        status = await bench.fail(GONE)
        assert status.reasons == ("the store is unavailable: cannot be read",)
        assert (status.version, status.age_s, status.degraded) == (1, 1_000_000.0, True)
        status = await bench.fail(None)
        assert (status.version, status.age_s, status.degraded) == (1, 0.0, False)
        assert (await bench.offer(document(2))).version == 2


async def test_without_a_store_the_last_good_snapshot_on_disk_serves(bench: Bench) -> None:
    lastgood.save(bench.state_dir, document(7))
    saved = (bench.state_dir / lastgood.CURRENT).stat().st_mtime
    os.utime(bench.state_dir / lastgood.CURRENT, (saved - 90_000, saved - 90_000))
    async with running(bench.watch):
        status = await bench.fail(GONE)
        assert (status.version, status.degraded) == (7, True)
        assert status.age_s is not None
        assert 90_000 <= status.age_s < 91_000
        bench.source.document = document(8)
        status = await bench.fail(None)
        assert (status.version, status.age_s, status.degraded) == (8, 0.0, False)


async def test_the_generation_before_serves_when_the_last_is_damaged(bench: Bench) -> None:
    lastgood.save(bench.state_dir, document(6))
    lastgood.save(bench.state_dir, document(7))
    (bench.state_dir / lastgood.CURRENT).write_bytes(b"garbage")
    async with running(bench.watch):
        assert (await bench.fail(GONE)).version == 6


async def test_without_a_store_and_a_disk_nothing_serves_until_there_is_one(bench: Bench) -> None:
    async with running(bench.watch):
        status = await bench.fail(GONE)
        assert (status.version, status.degraded) == (None, True)
        assert bench.source.acknowledged == {}
        bench.source.document = document(1)
        status = await bench.fail(None)
        assert (status.version, status.degraded) == (1, False)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_an_unsound_document_never_replaces_a_good_one(
    bench: Bench, damage: Callable[[bytes], bytes]
) -> None:
    async with running(bench.watch):
        await bench.offer(document(1))
        status = await bench.offer(damage(document(2)))
        assert (status.version, status.degraded) == (1, True)
        assert status.reasons[0].startswith("the store's document is refused: ")
        status = await bench.offer(document(2))
        assert (status.version, status.degraded) == (2, False)
    assert lastgood.load(bench.state_dir) == document(2)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_an_unsound_document_at_the_start_leaves_the_one_on_disk(
    bench: Bench, damage: Callable[[bytes], bytes]
) -> None:
    lastgood.save(bench.state_dir, document(1))
    async with running(bench.watch):
        status = await bench.offer(damage(document(2)))
    assert (status.version, status.degraded) == (1, True)


async def test_a_snapshot_that_cannot_serve_is_tried_once_and_kept_out(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(document(1))
        bench.fault = Invalid("no upstream 'elsewhere'")
        for _ in range(3):
            status = await bench.offer(document(2))
            assert status.reasons == ("the store's document is refused: no upstream 'elsewhere'",)
            assert status.version == 1
            bench.fault = None
        assert (await bench.offer(document(3))).version == 3
    assert [snapshot.version for snapshot in bench.applied] == [1, 3]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (document(6), "the store went back to version 6 of epoch 0; version 7 of epoch 0 is kept"),
        (document(7, share=1), "the store holds another document under version 7 of epoch 0"),
        (None, "the store answers that it is empty; version 7 of epoch 0 is kept"),
    ],
)
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_store_that_went_back_or_differs_is_refused_also_after_a_restart(
    bench: Bench, answer: bytes | None, reason: str, restarted: bool
) -> None:
    async with running(bench.watch):
        await bench.offer(document(7))
        if not restarted:
            status = await bench.offer(answer)
    if restarted:
        bench.watch = bench.another()
        async with running(bench.watch):
            status = await bench.offer(answer)
    assert status.version == 7
    assert reason in status.reasons[0]
    assert lastgood.load(bench.state_dir) == document(7)
    assert bench.source.acknowledged == {"one": 7}


async def test_a_refused_store_ages_and_is_taken_again_where_it_goes_on(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(document(7))
        bench.now += 5.0
        assert (await bench.offer(document(3))).age_s == 5.0
        status = await bench.offer(document(7))
        assert (status.age_s, status.degraded) == (0.0, False)
        await bench.offer(None)
        assert (await bench.offer(document(8))).degraded is False


async def test_a_raised_epoch_takes_over_at_any_version(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(document(7))
        status = await bench.offer(document(2, epoch=1))
    assert (status.epoch, status.version, status.degraded) == (1, 2, False)


async def test_a_disk_that_refuses_to_save_holds_nothing_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "state")
    bench.state_dir.write_bytes(b"a file where the directory should be")
    async with running(bench.watch):
        status = await bench.offer(document(1))
        assert (status.version, status.degraded) == (1, True)
        assert status.reasons[0].startswith("the last good snapshot is not saved: ")
        assert bench.source.acknowledged == {"one": 1}
        bench.state_dir.unlink()
        assert (await bench.offer(document(1))).degraded is False
    assert lastgood.load(bench.state_dir) == document(1)


async def test_a_disk_that_hangs_holds_nothing_back(bench: Bench) -> None:
    os.mkfifo(bench.state_dir / lastgood.CURRENT)  # opening it blocks until someone writes
    async with running(bench.watch):
        status = await bench.offer(document(1))
        assert status.version == 1
        status = await bench.offer(document(2))
        assert status.version == 2
        assert status.reasons == (
            "the last good snapshot is not saved: an earlier call still hangs",
        )
        writer = os.open(bench.state_dir / lastgood.CURRENT, os.O_WRONLY | os.O_NONBLOCK)
        (bench.state_dir / lastgood.CURRENT).unlink()
        os.close(writer)
        while (await bench.offer(document(2))).degraded:
            pass
    assert lastgood.load(bench.state_dir) == document(2)


async def test_a_last_good_snapshot_that_cannot_serve_is_reported(bench: Bench) -> None:
    lastgood.save(bench.state_dir, document(7))
    bench.fault = Invalid("no upstream 'elsewhere'")
    async with running(bench.watch):
        status = await bench.fail(GONE)
        assert status.version is None
        assert "the last good snapshot cannot serve: no upstream 'elsewhere'" in status.reasons
        bench.fault = None
        assert (await bench.fail(GONE)).version == 7


async def test_a_lost_acknowledgement_is_reported_and_repeated(bench: Bench) -> None:
    bench.source.deaf = True
    async with running(bench.watch):
        status = await bench.offer(document(1))
        assert status.reasons == ("the store takes no acknowledgement: no acknowledgement today",)
        bench.source.deaf = False
        assert (await bench.offer(document(1))).degraded is False
    assert bench.source.acknowledged == {"one": 1}


async def test_an_unforeseen_fault_is_counted_and_ends_nothing(bench: Bench) -> None:
    async with running(bench.watch):
        await bench.offer(document(1))
        status = await bench.fail(ZeroDivisionError("CANARY"))
        assert (status.version, bench.watch.faults) == (1, 1)
        assert status.reasons == ("following the store failed; the log says how",)
        status = await bench.fail(None)
        assert (status.degraded, bench.watch.faults) == (False, 1)


async def test_whoever_waits_for_a_version_hears_of_it_or_a_later_one(bench: Bench) -> None:
    waiting = [asyncio.ensure_future(bench.watch.reached(version, 60)) for version in (0, 1, 2)]
    async with running(bench.watch):
        await bench.offer(None)
        assert await waiting[0]
        await bench.offer(document(2))
        assert await asyncio.gather(*waiting) == [True, True, True]


async def test_waiting_for_a_version_that_does_not_come_ends(bench: Bench) -> None:
    assert await bench.watch.reached(0, 0.01) is False
