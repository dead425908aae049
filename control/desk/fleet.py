"""Every live worker of a store, for whoever waits until all of them serve a version."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from control.store import News, Store, StoreUnavailable, WorkerStatus


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Who serves a version: each worker that was seen to, in milliseconds from the wait's begin.

    `missing` are the live workers that do not, as far as is known.
    """

    complete: bool
    workers: dict[str, float] = {}
    missing: tuple[str, ...] = ()


class Fleetwide(Protocol):
    """Whoever knows which version the live workers serve."""

    async def served(self, version: int, timeout_s: float) -> Served:
        """Waits until every live worker serves `version` or a later one, and tells since when."""
        ...


class Fleet:
    """This process's own worker, which is asked itself, and the others, which the store knows.

    One that fell silent without leaving counts as live until the store gives it up; where the
    store cannot be asked, the others have not answered. `worker` None: this process serves nothing.
    """

    def __init__(
        self,
        store: Store,
        *,
        worker: str | None,
        clock: Callable[[], float],
        reached: Callable[[int, float], Awaitable[bool]] | None = None,
    ) -> None:
        """`reached` is how the own worker is asked."""
        self._store = store
        self._worker = worker
        self._reached = reached
        self._clock = clock
        self._others: tuple[WorkerStatus, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The live workers besides this process's own, as the store told last."""
        return tuple(one.worker for one in self._others)

    async def look(self) -> bool:
        """Learns who else is there; False, and nothing learnt, where the store cannot be asked."""
        try:
            workers = await self._store.workers()
        except StoreUnavailable:
            return False
        self._others = tuple(one for one in workers if one.live and one.worker != self._worker)
        return True

    async def served(self, version: int, timeout_s: float) -> Served:
        """Waits until every live worker serves `version` or a later one, and tells since when."""
        wait = _Wait(self, version, self._clock)
        try:
            async with asyncio.timeout(timeout_s), asyncio.TaskGroup() as tasks:
                if self._worker is not None and self._reached is not None:
                    tasks.create_task(wait.for_own(self._worker, timeout_s, self._reached))
                tasks.create_task(wait.for_others())
        except TimeoutError:
            pass
        return wait.told(self._worker)

    def news(self) -> News:
        """When workers say something new."""
        return self._store.news()

    def lagging(self, version: int) -> tuple[list[str], list[str]]:
        """The others that serve a version, and those that do not, as the store told last."""
        behind = [one.worker for one in self._others if one.version < version]
        return [one.worker for one in self._others if one.version >= version], behind


class _Wait:
    """One wait for one version."""

    def __init__(self, fleet: Fleet, version: int, clock: Callable[[], float]) -> None:
        self._fleet = fleet
        self._version = version
        self._clock = clock
        self._began = clock()
        self._seen: dict[str, float] = {}
        self._asked = False

    async def for_own(
        self, worker: str, timeout_s: float, reached: Callable[[int, float], Awaitable[bool]]
    ) -> None:
        if await reached(self._version, timeout_s):
            self._note(worker)

    async def for_others(self) -> None:
        while True:
            news = self._fleet.news()  # before the look, so that none is missed
            if await self._all_there():
                return
            try:
                async with asyncio.timeout(news.within_s):
                    await news.told.wait()
            except TimeoutError:
                continue

    def told(self, own: str | None) -> Served:
        """What is known when the wait is over."""
        _, behind = self._fleet.lagging(self._version)
        if own is not None and own not in self._seen:
            behind = [own, *behind]
        complete = self._asked and not behind
        return Served(complete=complete, workers=self._seen, missing=tuple(behind))

    async def _all_there(self) -> bool:
        self._asked = await self._fleet.look()
        there, behind = self._fleet.lagging(self._version)
        for worker in there:
            self._note(worker)
        return self._asked and not behind

    def _note(self, worker: str) -> None:
        self._seen.setdefault(worker, round((self._clock() - self._began) * 1_000, 3))
