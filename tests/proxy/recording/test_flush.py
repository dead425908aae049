"""Once a second, in order, beside everything else; and what is lost is counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from proxy.exchange import Outcome
from proxy.policy import ArmName, Dialect
from proxy.recording.flush import BACKLOG, IDLE_S, MOST_WINDOWS, SLICE, Flush, Flushed
from proxy.recording.record import Recorder
from proxy.source import SourceUnavailable
from tests.doubles.exchange import exchange
from tests.doubles.sinks import MemorySink

SOON = 0.001  # seconds between flushes, so that no test waits


class Rig:
    """A flush of one recorder to some sinks, and a clock that a test moves."""

    def __init__(self, *sinks: MemorySink) -> None:
        self.recorder = Recorder()
        self.now_s = 1_000.0
        self.flush = Flush(self.recorder, sinks, worker="host:1", boot="b", now=lambda: self.now_s)

    def count(self, migration: str = "triage") -> None:
        self.recorder.tally(migration, ArmName.BASELINE, Dialect.OPENAI).add(exchange())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.flush.run(SOON))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def numbers(sink: MemorySink) -> list[int]:
    return [delta.seq for delta in sink.deltas]


def requests(sink: MemorySink) -> int:
    windows = [window for delta in sink.deltas for window in delta.windows]
    return sum(sum(window.outcomes.values()) for window in windows)


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


async def test_what_was_counted_is_pushed_by_itself(sink: MemorySink) -> None:
    rig = Rig(sink)
    rig.count()
    async with rig.running():
        await sink.asked.wait()
    (delta,) = sink.deltas
    assert (delta.worker, delta.boot, delta.seq, delta.at_ms) == ("host:1", "b", 1, 1_000_000)
    assert delta.windows[0].outcomes == {Outcome.OK: 1}


async def test_now_returns_when_it_is_handed_over(sink: MemorySink) -> None:
    rig = Rig(sink)
    async with rig.running():
        for number in range(1, 4):
            rig.count()
            await rig.flush.now()
            assert requests(sink) == number
        await rig.flush.now()
    assert numbers(sink) == [1, 2, 3]


async def test_an_idle_worker_says_so_every_few_seconds_and_not_every_second(
    sink: MemorySink,
) -> None:
    rig = Rig(sink)
    for _ in range(21):
        await rig.flush.flush()
        rig.now_s += 1
    await rig.flush.finish()
    assert [delta.at_ms for delta in sink.deltas] == [
        int((1_000 + number * IDLE_S) * 1_000) for number in range(5)
    ]


async def test_a_clock_that_is_set_back_does_not_silence_a_worker(sink: MemorySink) -> None:
    rig = Rig(sink)
    await rig.flush.flush()
    rig.now_s -= 500
    await rig.flush.flush()
    await rig.flush.finish()
    assert len(sink.deltas) == 2


async def test_a_sink_that_refuses_gets_everything_later_in_order(
    sink: MemorySink, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(sink)
    sink.failure = SourceUnavailable("away")
    with caplog.at_level(logging.WARNING):
        async with rig.running():
            for _ in range(3):
                sink.asked.clear()
                rig.count()
                await rig.flush.flush()
                await sink.asked.wait()
            assert rig.flush.status() == Flushed(waiting=3, dropped=0, failures=0)
            sink.failure = None
            await rig.flush.now()
    assert numbers(sink) == [1, 2, 3]
    assert requests(sink) == 3
    assert [line.getMessage() for line in caplog.records] == ["measurements_wait reason=away"]


async def test_of_too_many_that_wait_the_oldest_are_given_up_and_counted(sink: MemorySink) -> None:
    rig = Rig(sink)
    for _ in range(BACKLOG + 5):
        rig.count()
        await rig.flush.flush()
    assert rig.flush.status() == Flushed(waiting=BACKLOG, dropped=5, failures=0)
    await rig.flush.finish()  # which tells of those that were given up, for a sixth
    assert numbers(sink) == list(range(7, BACKLOG + 7))
    assert rig.recorder.dropped_flushes == 6


async def test_a_sink_that_hangs_holds_back_no_other(sink: MemorySink) -> None:
    stuck = MemorySink()
    stuck.stuck = True
    rig = Rig(stuck, sink)
    async with rig.running():
        rig.count()
        await sink.asked.wait()
        await stuck.asked.wait()
    assert requests(sink) == 1
    assert rig.flush.status().waiting == 1


async def test_what_is_given_up_while_it_is_being_handed_over_is_not_taken_off_twice() -> None:
    stuck = MemorySink()
    stuck.stuck = True
    rig = Rig(stuck)
    async with rig.running():
        rig.count()
        await rig.flush.flush()
        await stuck.asked.wait()
        for _ in range(BACKLOG):
            rig.count()
            await rig.flush.flush()
        assert rig.flush.status() == Flushed(waiting=BACKLOG, dropped=1, failures=0)
        stuck.stuck = False
        stuck.released.set()
        await rig.flush.now()
    taken = numbers(stuck)
    assert (taken[0], taken) == (1, sorted(set(taken)))
    assert len(taken) >= BACKLOG


async def test_a_fault_in_a_sink_or_a_look_ends_nothing(
    sink: MemorySink, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(sink)
    sink.failure = ZeroDivisionError("a bug")
    with caplog.at_level(logging.ERROR):
        async with rig.running():
            rig.count()
            await sink.asked.wait()
            sink.failure = None
            await rig.flush.now()
    assert requests(sink) == 1
    assert rig.flush.status().failures >= 1
    assert {line.getMessage() for line in caplog.records} == {"push_failed"}


async def test_a_look_that_fails_is_counted_and_the_next_one_tells_all(
    sink: MemorySink, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(sink)
    rig.count()
    counted = rig.recorder.tallies
    broken = asyncio.Event()

    def failing() -> object:
        broken.set()
        raise ZeroDivisionError("a bug")

    rig.recorder.tallies = failing  # type: ignore[method-assign, assignment]
    with caplog.at_level(logging.ERROR):
        async with rig.running():
            await broken.wait()
            rig.recorder.tallies = counted  # type: ignore[method-assign]
            await sink.asked.wait()
    assert requests(sink) == 1
    assert rig.flush.status().failures >= 1


async def test_the_last_words_do_not_wait_for_a_sink_that_hangs(
    sink: MemorySink, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = MemorySink()
    stuck.stuck = True
    rig = Rig(stuck, sink)
    rig.count()
    with caplog.at_level(logging.WARNING):
        await rig.flush.finish()
    assert requests(sink) == 1
    assert [line.getMessage() for line in caplog.records] == ["measurements_lost flushes=1"]


async def test_many_migrations_are_told_in_several_deltas(sink: MemorySink) -> None:
    rig = Rig(sink)
    for number in range(MOST_WINDOWS + 1):
        rig.count(f"migration-{number}")
    rig.recorder.kept("triage")
    await rig.flush.finish()
    assert [len(delta.windows) for delta in sink.deltas] == [MOST_WINDOWS, 1]
    assert [bool(delta.asides) for delta in sink.deltas] == [True, False]
    assert numbers(sink) == [1, 2]


async def test_whoever_cancels_a_flush_takes_nothing_away(sink: MemorySink) -> None:
    rig = Rig(sink)
    kinds = 3 * SLICE
    for number in range(kinds):
        rig.count(f"migration-{number}")
    for _ in range(2):
        flushing = asyncio.create_task(rig.flush.flush())
        await asyncio.sleep(0)
        flushing.cancel()
        with suppress(asyncio.CancelledError):
            await flushing
    await rig.flush.finish()
    assert requests(sink) == kinds


async def test_flushes_at_the_same_time_tell_everything_once(sink: MemorySink) -> None:
    rig = Rig(sink)
    kinds = 3 * SLICE
    async with rig.running():
        for number in range(kinds):
            rig.count(f"migration-{number}")
        await asyncio.gather(*(rig.flush.now() for _ in range(4)))
        assert requests(sink) == kinds
