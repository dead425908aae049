"""One of a host's places for a worker: there is always a process in it, or one is being started."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from control.hosting.backoff import Backoff
from control.hosting.child import Child

READY_S = 30.0

log = logging.getLogger(__name__)

Spawn = Callable[[], Awaitable[Child]]


class Seat:
    """Keeps one worker process running, and replaces it on demand without a gap.

    `restarts` counts processes that died. `leavers` are those that were replaced and still have
    streams. `tasks` minds every process until it has ended.
    """

    def __init__(self, spawn: Spawn, clock: Callable[[], float], tasks: asyncio.TaskGroup) -> None:
        self.child: Child | None = None
        self.leavers: set[Child] = set()
        self.restarts = 0
        self._spawn = spawn
        self._clock = clock
        self._tasks = tasks
        self._vacant = asyncio.Event()
        self._closing = False

    @property
    def ready(self) -> bool:
        """Whether a process in it serves."""
        return self.child is not None and self.child.ready.is_set()

    @property
    def children(self) -> tuple[Child, ...]:
        """Every process of this seat that still runs."""
        return (*self.leavers,) if self.child is None else (self.child, *self.leavers)

    def close(self) -> None:
        """What ends from now on is not started again."""
        self._closing = True
        self._vacant.set()

    async def keep(self) -> None:
        """Starts a process, and again whenever it died, with more and more patience."""
        backoff = Backoff()
        while not self._over():
            began = self._clock()
            self._vacant.clear()
            self.child = await self._start()
            if self.child is not None:
                await self._vacant.wait()
            if self._over():
                return
            self.restarts += 1
            wait_s = backoff.after(self._clock() - began)
            log.error("worker_restarts restarts=%d after_s=%.1f", self.restarts, wait_s)
            await asyncio.sleep(wait_s)

    async def replace(self, patience_s: float = READY_S) -> bool:
        """A fresh process takes over from the one that serves; False where it did not get ready.

        Then the one that served goes on.
        """
        fresh = None if self._over() else await self._start()
        if fresh is None:
            return False
        self.leavers.add(fresh)
        served = await fresh.serves(patience_s)
        if self._closing or not served:
            fresh.end()
            return False
        self.leavers.discard(fresh)
        old, self.child = self.child, fresh
        if old is not None:
            self.leavers.add(old)
            old.leave()
        return True

    def _over(self) -> bool:
        """Asked anew after each wait: a checker takes the attribute itself for unchanged."""
        return self._closing

    async def _start(self) -> Child | None:
        try:
            child = await self._spawn()
        except OSError as error:
            log.error("worker_not_started reason=%s", error)
            return None
        self._tasks.create_task(self._mind(child))
        if self._closing:
            child.end()
        return child

    async def _mind(self, child: Child) -> None:
        code = await child.ended()
        self.leavers.discard(child)
        if self.child is child:
            self.child = None
            self._vacant.set()
            log.log(
                logging.INFO if self._closing else logging.ERROR,
                "worker_ended pid=%d code=%d",
                child.pid,
                code,
            )
