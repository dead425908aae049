"""The embedded store: one SQLite file in `state_dir`, for one host, with nothing to install."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from control.store import Event, News, Stored, StoreUnavailable, WorkerStatus, database
from control.store.embedded_measures import EmbeddedMeasures
from control.store.lock import DirectoryLock
from proxy import wire
from proxy.errors import Invalid
from proxy.following.admit import NOTHING_COMMITTED, Held, admit

DATABASE = "store.db"
LOOK_S = 0.02

log = logging.getLogger(__name__)

T = TypeVar("T")


class EmbeddedStore(EmbeddedMeasures):
    """A Store and Measures for the one process that holds `state_dir`, in threads of their own.

    The first operation (or `open`) takes the directory's lock and creates the file where there is
    none, with `seed` (the last good document) in it; one that is damaged, or older than what was
    served last, is left as it is, and every operation says so until someone repairs or removes it.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        seed: bytes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(state_dir, clock)
        self._state_dir = state_dir.absolute()
        self._path = self._state_dir / DATABASE
        self._seed = seed
        self._clock = clock
        self._lock: DirectoryLock | None = None
        self._ready = False
        self._closed = False
        self._hints: list[Callable[[], None]] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="crossfade-store")

    def subscribe(self, hint: Callable[[], None]) -> None:
        """Calls `hint` after every commit, on the loop of the caller that committed."""
        self._hints.append(hint)

    async def open(self) -> None:
        """Raises StoreInUse when another process holds the directory; may be tried again."""
        await self._run(lambda: None)

    async def read(self) -> Stored:
        return await self._run(partial(database.read, self._path))

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        work = partial(database.commit, self._path, document, expected, event)
        committing = self._run(work)
        committing.add_done_callback(self._hint)
        # An operator who hangs up must not take a rollback back, nor its hint.
        await asyncio.shield(committing)

    async def history(self, name: str, limit: int) -> list[Event]:
        return await self._run(partial(database.history, self._path, name, limit))

    async def workers(self) -> list[WorkerStatus]:
        return await self._run(partial(database.workers, self._path, self._clock()))

    def news(self) -> News:
        """Nobody tells: workers of other processes write into the file."""
        return News(asyncio.Event(), LOOK_S)

    async def close(self) -> None:
        """Lets the next process in once what already runs has ended."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release)
        self._thread.shutdown(wait=False)
        self._measuring.shutdown(wait=False)

    def _run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return asyncio.get_running_loop().run_in_executor(self._thread, self._opened, work)

    def _hint(self, committing: asyncio.Future[None]) -> None:
        if not committing.cancelled() and committing.exception() is None:
            for hint in self._hints:
                hint()

    def _opened(self, work: Callable[[], T]) -> T:
        if self._lock is None:
            self._lock = _locked(self._state_dir)
        if not self._ready:
            self._begin()
            self._ready = True
        return work()

    def _begin(self) -> None:
        """Only ever before the first operation: a file that vanishes later is damage, not news."""
        if not self._path.exists():
            database.begin(self._path, self._seed)
            log.info("store_created seeded=%s", self._seed is not None)
        elif self._seed is not None:
            _refuse_older(database.read(self._path), self._seed)
        database.forget_workers(self._path)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _refuse_older(stored: Stored, seed: bytes) -> None:
    """A restored backup: workers would refuse it, until changes on top of it undid a rollback."""
    held = NOTHING_COMMITTED
    if stored.document is not None:
        held = Held(wire.decode(stored.document)[0], stored.document)
    last = Held(wire.decode(seed)[0], seed)
    try:
        admit(held, last)
    except Invalid as error:
        raise StoreUnavailable(
            f"{error}: without {DATABASE} crossfade begins from what it served last"
        ) from error


def _locked(state_dir: Path) -> DirectoryLock:
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"state_dir cannot be created: {error.strerror}") from error
    return DirectoryLock(state_dir)
