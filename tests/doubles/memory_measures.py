"""Measures in memory, held to the contract of the real ones, which a test makes fail."""

from __future__ import annotations

from collections.abc import Callable

from control.store import StoreUnavailable
from control.store.measures import Batch
from proxy import delta


class MemoryMeasures:
    """Keeps everything, a Sink too; while `away` nothing can be reached. The lead has a clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.away = False
        self.reads = 0
        self.rollup: bytes | None = None
        self.up_to = 0
        self._clock = clock
        self._deltas: list[tuple[int, bytes]] = []
        self._names: set[object] = set()
        self._number = 0
        self._scores: dict[str, list[bytes]] = {}
        self._leader: tuple[str, float] | None = None

    async def push(self, data: bytes) -> None:
        name = delta.named(data)
        key = (name.worker, name.boot, name.seq)
        if key not in self._names:
            self._names.add(key)
            self._number += 1
            self._deltas.append((self._number, data))

    async def measured(self, place: str) -> Batch:
        self._reach()
        self.reads += 1
        after = int(place or 0)
        anew = after < self.up_to
        start = max(after, self.up_to)
        found = [(number, data) for number, data in self._deltas if number > start]
        last = found[-1][0] if found else start
        return Batch(self.rollup if anew else None, tuple(d for _, d in found), str(last))

    async def roll_up(self, rollup: bytes, *, up_to: str, expected: str) -> bool:
        self._reach()
        if expected != (str(self.up_to) if self.up_to else ""):
            return False
        self.rollup, self.up_to = rollup, int(up_to)
        self._deltas = [pair for pair in self._deltas if pair[0] > self.up_to]
        return True

    async def scored(self, migration: str, scores: bytes) -> None:
        self._reach()
        self._scores.setdefault(migration, []).append(scores)

    async def scores(self, migration: str, after: int) -> tuple[bytes, ...]:
        self._reach()
        return tuple(self._scores.get(migration, [])[after:])

    async def lead(self, who: str, ttl_s: float) -> bool:
        self._reach()
        now = self._clock()
        if self._leader is not None and self._leader[0] != who and now < self._leader[1]:
            return False
        self._leader = (who, now + ttl_s)
        return True

    async def resign(self, who: str) -> None:
        self._reach()
        if self._leader is not None and self._leader[0] == who:
            self._leader = None

    def flush_all(self) -> None:
        """Everything is gone, as after FLUSHALL; numbers go on."""
        self._deltas.clear()
        self._names.clear()
        self._scores.clear()
        self.rollup, self.up_to = None, 0

    @property
    def held(self) -> int:
        """Deltas that are not rolled up."""
        return len(self._deltas)

    def _reach(self) -> None:
        if self.away:
            raise StoreUnavailable("away")
