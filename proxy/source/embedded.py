"""The embedded store as the data plane sees it: one document in SQLite, read afresh every time."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from proxy.source import SourceUnavailable
from proxy.source.thread import OwnThread
from proxy.wire import MAX_DOCUMENT

DATABASE = "store.db"
LAYOUT = 1  # PRAGMA user_version; control/store/database.py writes it
EMPTY = b"empty"  # spelt out, so that no damage to a page can look like "nothing was committed"
BUSY_S = 0.25
PATIENCE_S = 2.0
HEARTBEAT_S = 10.0
FORGET_S = 3600.0

T = TypeVar("T")
_Said: TypeAlias = tuple[str, int, tuple[str, ...]]


class EmbeddedSource:
    """Reads the database in `state_dir`, in a thread of its own.

    Each call opens the file anew: a kept connection would go on reading a file that was removed,
    replaced or overwritten. That costs 0.1 ms a poll, off the loop.
    """

    def __init__(self, state_dir: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = state_dir.absolute() / DATABASE
        self._clock = clock
        self._thread = OwnThread("source", patience_s=PATIENCE_S)
        self._hinted = asyncio.Event()
        self._said: _Said | None = None
        self._said_at = 0.0

    async def load(self, _known: bytes | None = None, /) -> bytes | None:
        return await self._run(partial(_load, self._path))

    async def changed(self, timeout_s: float) -> None:  # its hints carry nothing
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads polls, guards nothing
        try:
            async with asyncio.timeout(timeout_s * spread):
                await self._hinted.wait()
        except TimeoutError:
            return
        self._hinted.clear()

    def hint(self) -> None:
        """Ends the wait in `changed`; for a store in the same process, on the loop's thread."""
        self._hinted.set()

    async def acknowledge(self, worker: str, version: int, notes: tuple[str, ...] = ()) -> None:
        now = self._clock()
        if self._said == (worker, version, notes) and now - self._said_at < HEARTBEAT_S:
            return
        said = (worker, version, notes)
        await self._run(partial(_acknowledge, self._path, said, now))
        self._said, self._said_at = said, now

    async def close(self) -> None:
        if self._said is not None:
            worker, self._said = self._said[0], None
            with suppress(SourceUnavailable):  # silence is understood too, only later
                await self._run(partial(_leave, self._path, worker))
        self._thread.close()

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await self._thread.run(work)
        except TimeoutError as error:
            raise SourceUnavailable(f"{DATABASE} does not answer") from error


def _load(path: Path) -> bytes | None:
    with _opened(path, "ro") as database:
        row: object = database.execute("SELECT document FROM snapshot WHERE one = 1").fetchone()
    match row:
        case (bytes() as document,):
            return None if document == EMPTY else document
        case _:
            raise SourceUnavailable(f"{DATABASE} is damaged: its document is gone")


def _acknowledge(path: Path, said: _Said, now_s: float) -> None:
    worker, version, notes = said
    with _opened(path, "rw") as database:
        # Not OFF: the last connection to close checkpoints, and must not do it without a sync.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN IMMEDIATE")
        database.execute(
            "INSERT INTO workers (worker, version, seen_s, notes)"
            " VALUES (:worker, :version, :now, :notes) ON CONFLICT (worker)"
            " DO UPDATE SET version = :version, seen_s = :now, notes = :notes",
            {"worker": worker, "version": version, "now": now_s, "notes": json.dumps(notes)},
        )
        # The clock counts from the machine's start: rows ahead of it are from before.
        database.execute(
            "DELETE FROM workers WHERE seen_s NOT BETWEEN ? AND ?", (now_s - FORGET_S, now_s)
        )
        database.execute("COMMIT")


def _leave(path: Path, worker: str) -> None:
    with _opened(path, "rw") as database:
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("DELETE FROM workers WHERE worker = ?", (worker,))


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """One short-lived connection; every way in which the file can fail is SourceUnavailable."""
    try:
        if not path.is_file():
            raise SourceUnavailable(f"{DATABASE} is missing or no file")
        uri = f"{path.as_uri()}?mode={mode}"
        connecting = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        with closing(connecting) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_DOCUMENT + 1024)
            _check_layout(database)
            yield database
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise SourceUnavailable(f"{DATABASE} cannot be used: {error}") from error


def _check_layout(database: sqlite3.Connection) -> None:
    row: object = database.execute("PRAGMA user_version").fetchone()
    if row != (LAYOUT,):
        raise SourceUnavailable(f"{DATABASE} is damaged, or of another version of crossfade")
