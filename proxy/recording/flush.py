"""Measurements on their way to the store: once a second, beside the requests and never before them.

A killed worker loses what it counted since its last flush, and no more. While a sink takes nothing,
flushes wait in a bounded line, of which the oldest are given up first and counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proxy import delta
from proxy.delta import Aside, Delta, Window
from proxy.recording.differences import Differences
from proxy.recording.record import Recorder
from proxy.source import Sink, SourceUnavailable

EVERY_S = 1.0
IDLE_S = 5.0  # even when nothing was counted, so that a silent worker is told from an idle one
SLICE = 8  # kinds of exchanges that are looked at in one go: 2 ms
MOST_WINDOWS = 200  # in one delta, which has to stay under MAX_DELTA
BACKLOG = 120  # flushes that wait for a sink: two minutes
LAST_WORDS_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flushed:
    """How measuring stands: flushes that wait; how many were given up, and looks that failed."""

    waiting: int
    dropped: int
    failures: int


class Flush:
    """Looks at a recorder once a second and hands what is new to every sink.

    `boot` is drawn afresh by each process; `now` gives UTC seconds.
    """

    def __init__(
        self,
        recorder: Recorder,
        sinks: Sequence[Sink],
        *,
        worker: str,
        boot: str,
        now: Callable[[], float],
    ) -> None:
        self._differences = Differences(recorder)
        self._turn = asyncio.Lock()
        self._taken: list[Window] = []
        self._lines = [_Line(sink, recorder.dropped) for sink in sinks]
        self._worker = worker
        self._boot = boot
        self._now = now
        self._seq = 0
        self._failures = 0
        self._flushed_at = 0.0

    def status(self) -> Flushed:
        """The sinks together."""
        return Flushed(
            waiting=sum(len(line.waiting) for line in self._lines),
            dropped=sum(line.dropped for line in self._lines),
            failures=self._failures + sum(line.failures for line in self._lines),
        )

    async def run(self, every_s: float = EVERY_S) -> None:
        """Flush again and again until cancelled; a sink that hangs holds back itself alone."""
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.run(every_s))
            while True:
                await asyncio.sleep(every_s)
                await self.flush()

    async def flush(self) -> None:
        """Take what is new and put it in every sink's line; requests get their turn in between."""
        async with self._turn:
            try:
                for number, window in enumerate(self._differences.windows(), 1):
                    self._taken.append(window)  # whoever cancels this, takes nothing away
                    if number % SLICE == 0:
                        await asyncio.sleep(0)
                self._hand_out()
            except Exception:  # measuring is worth less than serving
                self._failures += 1
                log.exception("flush_failed")

    async def now(self) -> None:
        """Flush, and return once `run` has handed over all that waits; it may take for ever."""
        await self.flush()
        for line in self._lines:
            await line.emptied.wait()

    async def finish(self) -> None:
        """Flush once more and hand over what waits, within a second; for when `run` has ended."""
        await self.flush()
        async with asyncio.TaskGroup() as tasks:
            for line in self._lines:
                tasks.create_task(line.empty(LAST_WORDS_S))

    def _hand_out(self) -> None:
        asides = self._differences.asides()
        now = self._now()
        windows = tuple(self._taken)
        self._taken.clear()
        if not windows and not asides and 0 <= now - self._flushed_at < IDLE_S:
            return
        self._flushed_at = now
        self._put(windows[:MOST_WINDOWS], asides, now)
        for start in range(MOST_WINDOWS, len(windows), MOST_WINDOWS):
            self._put(windows[start : start + MOST_WINDOWS], {}, now)

    def _put(
        self, windows: tuple[Window, ...], asides: dict[Aside, dict[str, int]], now: float
    ) -> None:
        self._seq += 1
        data = delta.encode(
            Delta(
                worker=self._worker,
                boot=self._boot,
                seq=self._seq,
                at_ms=int(now * 1_000),
                windows=windows,
                asides=asides,
            )
        )
        for line in self._lines:
            line.put(data)


class _Line:
    """What waits for one sink, in order."""

    def __init__(self, sink: Sink, dropped: Callable[[], None]) -> None:
        self.waiting: deque[bytes] = deque()
        self.dropped = 0
        self.failures = 0
        self._sink = sink
        self._tell = dropped
        self.emptied = asyncio.Event()
        self.emptied.set()
        self._filled = asyncio.Event()
        self._refused = False

    def put(self, data: bytes) -> None:
        if len(self.waiting) >= BACKLOG:
            self.waiting.popleft()
            self.dropped += 1
            self._tell()
        self.waiting.append(data)
        self.emptied.clear()
        self._filled.set()

    async def run(self, pause_s: float) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            if not await self._safely():
                await asyncio.sleep(pause_s)
                self._filled.set()

    async def empty(self, patience_s: float) -> None:
        try:
            async with asyncio.timeout(patience_s):
                await self._safely()
        except TimeoutError:
            log.warning("measurements_lost flushes=%d", len(self.waiting))

    async def _safely(self) -> bool:
        try:
            return await self._push()
        except Exception:  # as above
            self.failures += 1
            log.exception("push_failed")
            return False

    async def _push(self) -> bool:
        """Hand over all that waits; False when the sink does not take it now."""
        while self.waiting:
            first = self.waiting[0]
            try:
                await self._sink.push(first)
            except SourceUnavailable as error:
                if not self._refused:
                    log.warning("measurements_wait reason=%s", error)
                self._refused = True
                return False
            self._refused = False
            if self.waiting and self.waiting[0] is first:  # else it was given up meanwhile
                self.waiting.popleft()
        self.emptied.set()
        return True
