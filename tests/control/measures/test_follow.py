"""What is known is what the store was given, through outages and restarts."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest

from control.measures.follow import SLICE, Follow
from control.measures.rollup import EVERY_S
from control.store import WorkerStatus
from control.words.evidence import Evidence
from proxy.delta import Aside, Delta
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName, Snapshot
from tests.control.following import Rig, known
from tests.control.workers import NAMES, Worker, flushes, folded, plain
from tests.doubles.deltas import flushed
from tests.proxy.routes import route

BASELINE, CANDIDATE = ArmName.BASELINE, ArmName.CANDIDATE


@pytest.fixture
def rig() -> Rig:
    return Rig()


def truth(deltas: list[Delta]) -> object:
    fold = folded(deltas)
    return [
        (
            plain(replace(fold.evidence(name), fresh_at_s=None)),
            [fold.figures(name, arm) for arm in ArmName],
        )
        for name in NAMES
    ]


async def test_before_the_first_look_nothing_is_known(rig: Rig) -> None:
    assert rig.follow.evidence("triage") == Evidence()
    assert rig.follow.figures("triage", BASELINE) == Figures()
    assert rig.follow.status().age_s is None


async def test_what_is_known_is_what_was_pushed(rig: Rig) -> None:
    sent = flushes(1)
    for each in sent:
        await rig.push(each)
        await rig.follow.look()
    assert known(rig.follow) == truth(sent)
    assert rig.follow.arms()["triage", BASELINE] == rig.follow.figures("triage", BASELINE)
    assert rig.follow.status().age_s == 0


async def test_looks_at_the_same_time_count_nothing_twice(rig: Rig) -> None:
    sent = flushes(2, workers=2 * SLICE)
    await rig.push(*sent)
    await asyncio.gather(*(rig.follow.look() for _ in range(5)))
    assert known(rig.follow) == truth(sent)


async def test_a_new_follower_knows_what_the_last_one_knew(rig: Rig) -> None:
    sent = flushes(3, seconds=12)
    for each in sent:
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S / 5
    assert rig.measures.rollup is not None
    assert rig.measures.held < len(sent)
    later = rig.another()
    await later.look()
    assert known(later) == known(rig.follow) == truth(sent)


async def test_one_that_fell_behind_a_roll_up_begins_anew_from_it(rig: Rig) -> None:
    sent = flushes(4, seconds=12)
    behind = rig.another()
    await rig.push(sent[0])
    await behind.look()
    for each in sent[1:]:
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S / 5
    await behind.look()
    assert known(behind) == truth(sent)


async def test_two_that_lead_at_once_roll_up_in_turns_and_agree(rig: Rig) -> None:
    other = rig.another()
    sent = flushes(5, seconds=20)
    for each in sent:
        await rig.push(each)
        await rig.follow.look()
        await other.look()
        rig.clock_s += EVERY_S / 3
    await other.look()
    await rig.follow.look()
    assert known(rig.follow) == known(other) == truth(sent)


async def test_who_does_not_lead_rolls_nothing_up(rig: Rig) -> None:
    rig.leading = False
    for each in flushes(6):
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S
    assert rig.measures.rollup is None


async def test_a_store_that_lost_everything_takes_nothing_from_what_is_known(rig: Rig) -> None:
    sent = flushes(7, seconds=12)
    for each in sent[:20]:
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S / 5
    rig.measures.flush_all()
    for each in sent[20:]:
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S / 2
    assert known(rig.follow) == truth(sent)
    assert rig.measures.rollup is not None
    later = rig.another()
    await later.look()
    assert known(later) == truth(sent)


async def test_a_roll_up_of_another_crossfade_is_neither_read_nor_written_over(rig: Rig) -> None:
    await rig.push(*flushes(8)[:1])
    await rig.measures.roll_up(b"of the future", up_to="1", expected="")
    later = flushes(9, workers=1)
    for each in later:
        await rig.push(each)
        await rig.follow.look()
        rig.clock_s += EVERY_S
    assert rig.measures.rollup == b"of the future"
    assert rig.follow.status().refused >= 1


async def test_what_cannot_be_read_is_refused_counted_and_logged_now_and_then(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    bad = msgspec.msgpack.decode(flushed(1))
    with caplog.at_level(logging.ERROR):
        for seq in range(1, 11):
            await rig.measures.push(
                msgspec.msgpack.encode({**bad, "seq": seq, "windows": "CANARY-PROMPT"})
            )
        sent = flushes(10)
        await rig.push(*sent)
        await rig.follow.look()
    assert known(rig.follow) == truth(sent)
    assert rig.follow.status().refused == 10
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 4
    assert "CANARY" not in " ".join(lines)


async def test_an_outage_leaves_what_is_known_and_is_logged_at_each_doubling(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    sent = flushes(11)
    await rig.push(*sent)
    turns = 0

    async def pause(_: float) -> None:
        nonlocal turns
        turns += 1
        rig.clock_s += 1
        rig.measures.away = turns < 9
        if turns == 10:
            raise asyncio.CancelledError

    with caplog.at_level(logging.WARNING):
        await rig.follow.look()
        rig.measures.away = True
        with suppress(asyncio.CancelledError):
            await rig.follow.run(pause)
    assert known(rig.follow) == truth(sent)
    assert (rig.follow.status().failures, rig.follow.status().age_s) == (9, 1)
    assert [record.getMessage().split()[1] for record in caplog.records] == [
        "times=1",
        "times=2",
        "times=4",
        "times=8",
    ]


async def test_a_fault_ends_a_look_and_not_the_following(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    turns = 0

    def broken() -> Snapshot | None:
        raise ZeroDivisionError

    async def pause(_: float) -> None:
        nonlocal turns
        turns += 1
        if turns == 2:
            raise asyncio.CancelledError

    follow = Follow(
        rig.measures, snapshot=broken, now=lambda: 0.0, clock=lambda: 0.0, workers=rig.living
    )
    with caplog.at_level(logging.ERROR), suppress(asyncio.CancelledError):
        await follow.run(pause)
    assert follow.status().failures == 2
    assert "follow_failed" in caplog.text


async def test_a_migration_that_only_the_snapshot_has_is_as_fresh_as_the_workers(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route("quiet"),))
    await rig.push(Delta(worker="w", boot="b", seq=1, at_ms=5_000))
    await rig.follow.look()
    assert rig.follow.evidence("quiet").fresh_at_s == 5.0
    assert rig.follow.evidence("quiet").cells == ()


async def test_a_worker_that_lives_is_known_by_when_it_last_measured(rig: Rig) -> None:
    rig.workers = [
        WorkerStatus(worker=name, version=1, age_s=0.5, live=True) for name in ("a", "b")
    ]
    began_s = rig.now_s
    for seq in (1, 2, 3):
        await rig.push(Delta(worker="a", boot="b", seq=seq, at_ms=5_000))
        await rig.follow.look()
        rig.now_s += 1
    assert rig.follow.evidence("triage").heard == {"a": began_s + 2, "b": began_s}


async def test_keys_are_compared_with_the_share_of_their_weight(rig: Rig) -> None:
    worker = Worker("w", 1)
    worker.serve(30, epoch=4)
    await rig.push(worker.flush(0))
    await rig.follow.look()
    assert rig.follow.evidence("triage").keys == ()
    weighed = route(share=2_500)
    split = msgspec.structs.replace(weighed.split, since=4)
    weighed = msgspec.structs.replace(weighed, split=split)
    rig.snapshot = Snapshot(epoch=1, version=4, routes=(weighed,))
    await rig.follow.look()
    (keys,) = rig.follow.evidence("triage").keys
    assert (keys.epoch, keys.share) == (4, 2_500)
    assert keys.baseline + keys.candidate > 0


async def test_evidence_is_as_fresh_as_the_last_look_that_found_a_flush(rig: Rig) -> None:
    """Failure case 75: a worker's clock that is an hour behind makes nothing stale."""
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    behind_ms = 3_600_000
    for seq in range(1, 4):
        rig.now_s = 10_000.0 + seq
        at_ms = int(rig.now_s * 1_000) - behind_ms
        await rig.push(Delta(worker="w", boot="b", seq=seq, at_ms=at_ms))
        await rig.follow.look()
        fresh = rig.follow.evidence("triage").fresh_at_s
        assert fresh == (rig.now_s if seq > 1 else rig.now_s - 3_600)
    rig.now_s += 40
    await rig.follow.look()
    assert rig.follow.evidence("triage").fresh_at_s == rig.now_s - 40


async def test_what_lay_in_the_store_is_not_fresh_because_it_is_read_now(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    rig.now_s = 10_000.0
    await rig.push(Delta(worker="w", boot="b", seq=1, at_ms=9_000_000))
    for _ in range(3):
        await rig.follow.look()
        assert rig.follow.evidence("triage").fresh_at_s == 9_000.0


async def test_a_worker_whose_breaker_is_open_is_heard_of_once_a_flush(rig: Rig) -> None:
    rig.snapshot = Snapshot(epoch=1, version=3, routes=(route(),))
    for seq, kind, heard_s in (
        (1, Aside.KEPT, None),
        (2, Aside.SPARED, 2.0),
        (2, Aside.SPARED, 2.0),
    ):
        rig.now_s = rig.now_s + 1 if seq > 1 else 1.0
        asides = {kind: {"triage": 3}}
        await rig.push(Delta(worker="w", boot="b", seq=seq, at_ms=0, asides=asides))
        await rig.follow.look()
        assert rig.follow.evidence("triage").spared_at_s == heard_s
