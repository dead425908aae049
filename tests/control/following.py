"""A follower of a store in memory, with clocks that a test moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from control.measures.follow import Follow
from control.store import WorkerStatus
from proxy import delta
from proxy.delta import Delta
from proxy.policy import ArmName, Snapshot
from tests.control.workers import FAR, NAMES, plain
from tests.doubles.memory_measures import MemoryMeasures


class Rig:
    """A store in memory, a follower of it, and clocks."""

    def __init__(self) -> None:
        self.clock_s = 0.0
        self.now_s = FAR / 1_000
        self.measures = MemoryMeasures(lambda: self.clock_s)
        self.snapshot: Snapshot | None = None
        self.leading = True
        self.workers: list[WorkerStatus] = []
        self.follow = self.another()

    def another(self) -> Follow:
        return Follow(
            self.measures,
            snapshot=lambda: self.snapshot,
            now=lambda: self.now_s,
            clock=lambda: self.clock_s,
            workers=self.living,
            leading=lambda: self.leading,
        )

    async def living(self) -> Sequence[WorkerStatus]:
        return self.workers

    async def push(self, *deltas: Delta) -> None:
        for each in deltas:
            await self.measures.push(delta.encode(each))


def known(follow: Follow) -> object:
    """All that it tells but for when it heard it, in a form that compares."""
    return [
        (
            plain(replace(follow.evidence(name), fresh_at_s=None, spared_at_s=None, heard={})),
            [follow.figures(name, arm) for arm in ArmName],
        )
        for name in NAMES
    ]
