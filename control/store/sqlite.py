"""SQLite files that appear whole, are opened anew for each operation, and fail in one way.

A kept connection would acknowledge commits into a file that was removed or replaced. Closing also
moves the log into the file, so that between two operations the file alone is the whole store.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from control.store import StoreUnavailable

BUSY_S = 1.0

Synchronous: TypeAlias = Literal["FULL", "NORMAL"]


def create(path: Path, layout: int, tables: str, fill: str, *values: object) -> None:
    """Creates the file with its tables and one statement's row; it appears whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with _translated(path):
        # A log left behind by a removed file would be played into the new one.
        for leftover in (unfinished, path):
            for suffix in ("", "-wal", "-shm"):
                leftover.with_name(leftover.name + suffix).unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.executescript(f"BEGIN; {tables} PRAGMA user_version = {layout}; COMMIT;")
            database.execute(fill, values)
        unfinished.rename(path)
        _sync_directory(path.parent)


@contextmanager
def opened(path: Path, layout: int, synchronous: Synchronous) -> Iterator[sqlite3.Connection]:
    """One short-lived connection on a file that must be there already, and of this layout.

    What is not committed by the end is taken back. Every way in which the file can fail, also in
    the hands of the caller, is StoreUnavailable.
    """
    with _translated(path):
        if not path.is_file():
            raise StoreUnavailable(f"{path.name} is missing or no file")
        uri = f"{path.as_uri()}?mode=rw"
        connecting = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        with closing(connecting) as database:
            database.execute(f"PRAGMA synchronous = {synchronous}")
            held: object = database.execute("PRAGMA user_version").fetchone()
            if held != (layout,):
                raise StoreUnavailable(f"{path.name} is damaged, or of another crossfade")
            yield database


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise StoreUnavailable(f"{path.name} cannot be used: {error}") from error


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
