"""The measurements, the scores and the lead in the embedded store, beside the document."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from control.store import StoreUnavailable, measures_file
from control.store.measures import Batch

MEASURES = "measures.db"

T = TypeVar("T")


class EmbeddedMeasures(ABC):
    """Measures for the one process that holds `state_dir`; so the lead is a matter of its memory.

    The file's blocking calls have a thread of their own: no commit waits for them. A subclass's
    `open` makes sure of the directory.
    """

    def __init__(self, state_dir: Path, clock: Callable[[], float]) -> None:
        self._measures = state_dir.absolute() / MEASURES
        self._lead_clock = clock
        self._leader: tuple[str, float] | None = None
        self._measuring = ThreadPoolExecutor(max_workers=1, thread_name_prefix="crossfade-measures")

    @abstractmethod
    async def open(self) -> None:
        """Raises StoreUnavailable when the directory cannot be used."""

    async def measured(self, place: str) -> Batch:
        return await self._measure(partial(measures_file.measured, self._measures, place))

    async def roll_up(self, rollup: bytes, *, up_to: str, expected: str) -> bool:
        work = partial(measures_file.roll_up, self._measures, rollup, up_to, expected)
        return await self._measure(work)

    async def scored(self, migration: str, scores: bytes) -> None:
        await self._measure(partial(measures_file.scored, self._measures, migration, scores))

    async def scores(self, migration: str, after: int) -> tuple[bytes, ...]:
        return await self._measure(partial(measures_file.scores, self._measures, migration, after))

    async def lead(self, who: str, ttl_s: float) -> bool:
        now = self._lead_clock()
        if self._leader is not None and self._leader[0] != who and now < self._leader[1]:
            return False
        self._leader = (who, now + ttl_s)
        return True

    async def resign(self, who: str) -> None:
        if self._leader is not None and self._leader[0] == who:
            self._leader = None

    async def _measure(self, work: Callable[[], T]) -> T:
        await self.open()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._measuring, work)
        except RuntimeError as error:
            raise StoreUnavailable("the store is closed") from error
