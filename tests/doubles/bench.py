"""A watch on its bench: a source in memory, a clock that a test sets, and what it applied."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proxy.following.watch import Status, Watch
from proxy.policy import Snapshot
from tests.doubles.memory_source import MemorySource


class Bench:
    """`now` is the watch's clock, `applied` what it swapped in, `fault` what that raises."""

    def __init__(self, state_dir: Path) -> None:
        self.now = 100.0
        self.state_dir = state_dir
        self.source = MemorySource()
        self.applied: list[Snapshot] = []
        self.fault: Exception | None = None
        self.watch = self.another()

    def another(self) -> Watch:
        return Watch(
            self.source,
            self.apply,
            state_dir=self.state_dir,
            worker="one",
            clock=lambda: self.now,
        )

    def apply(self, snapshot: Snapshot) -> None:
        if self.fault is not None:
            raise self.fault
        self.applied.append(snapshot)

    async def offer(self, data: bytes | None) -> Status:
        """What the watch says after it has taken in `data`."""
        self.source.document = data
        await self.source.turn()
        return self.watch.status()

    async def fail(self, failure: Exception | None) -> Status:
        """What the watch says after the source raised `failure`, or stopped to."""
        self.source.failure = failure
        await self.source.turn()
        return self.watch.status()


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[None]:
    """The watch follows its source inside, and has stopped afterwards."""
    task = asyncio.ensure_future(watch.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
