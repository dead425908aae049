"""The embedded store's SQLite file: its layout, and each operation as one blocking call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import msgspec

from control.store import Conflict, Event, Stored, StoreUnavailable, WorkerStatus, sqlite
from proxy import wire
from proxy.errors import Invalid

LAYOUT = 1
EMPTY = b"empty"  # spelt out, so that no damage to a page can look like "nothing was committed"
LIVE_S = 30.0

# proxy/source/embedded.py reads and writes these tables too.
TABLES = """
CREATE TABLE snapshot (one INTEGER PRIMARY KEY CHECK (one = 1), document BLOB NOT NULL);
CREATE TABLE history (version INTEGER PRIMARY KEY, migration TEXT NOT NULL, event BLOB NOT NULL);
CREATE INDEX history_by_migration ON history (migration, version);
CREATE TRIGGER history_is_not_rewritten BEFORE UPDATE ON history
  BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_not_shortened BEFORE DELETE ON history
  BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TABLE workers (worker TEXT PRIMARY KEY, version INTEGER NOT NULL, seen_s REAL NOT NULL,
  notes BLOB NOT NULL DEFAULT '[]');
"""

_Seen: TypeAlias = tuple[str, int, float, bytes]


def begin(path: Path, seed: bytes | None) -> None:
    """Creates the file, holding `seed` or nothing; it appears whole or not at all."""
    sqlite.create(path, LAYOUT, TABLES, "INSERT INTO snapshot VALUES (1, ?)", seed or EMPTY)


def forget_workers(path: Path) -> None:
    """Drops what workers of an earlier process said; living ones say it again.

    A file of an earlier release gets room for what they say of themselves.
    """
    with _opened(path) as database:
        database.execute("DELETE FROM workers")
        has: object = database.execute(
            "SELECT 1 FROM pragma_table_info('workers') WHERE name = 'notes'"
        ).fetchone()
        if has is None:
            database.execute("ALTER TABLE workers ADD COLUMN notes BLOB NOT NULL DEFAULT '[]'")


def read(path: Path) -> Stored:
    with _opened(path) as database:
        return _held(database)[0]


def commit(path: Path, document: bytes, expected: int, event: Event) -> None:
    epoch, version = _order(document)
    if version != expected + 1 or event.version != version:
        raise Invalid(f"a change of version {expected} makes {expected + 1}, not {version}")
    with _opened(path) as database:
        database.execute("BEGIN IMMEDIATE")
        held, held_epoch = _held(database)
        if held.version != expected:
            raise Conflict(held.version)
        if epoch < held_epoch:
            raise Invalid(f"the store is in epoch {held_epoch}, the change in {epoch}")
        database.execute("UPDATE snapshot SET document = ? WHERE one = 1", (document,))
        database.execute(
            "INSERT INTO history VALUES (?, ?, ?)",
            (version, event.migration, msgspec.json.encode(event)),
        )
        database.execute("COMMIT")  # closing without it takes everything back


def history(path: Path, name: str, limit: int) -> list[Event]:
    with _opened(path) as database:
        rows: object = database.execute(
            "SELECT event FROM history WHERE migration = ? ORDER BY version DESC LIMIT ?",
            (name, limit),
        ).fetchall()
        with _damage("history"):
            events = msgspec.convert(rows, list[tuple[bytes]], builtin_types=(bytes,))
            return [msgspec.json.decode(event, type=Event) for (event,) in events]


def workers(path: Path, now_s: float) -> list[WorkerStatus]:
    with _opened(path) as database:
        rows: object = database.execute(
            "SELECT worker, version, seen_s, CAST(notes AS BLOB) FROM workers WHERE seen_s <= ?"
            " ORDER BY worker",
            (now_s,),
        ).fetchall()
        with _damage("list of workers"):
            seen = msgspec.convert(rows, list[_Seen], builtin_types=(bytes,))
            return [_status(one, now_s) for one in seen]


def _status(seen: _Seen, now_s: float) -> WorkerStatus:
    worker, version, at_s, notes = seen
    return WorkerStatus(
        worker=worker,
        version=version,
        age_s=now_s - at_s,
        live=now_s - at_s < LIVE_S,
        notes=msgspec.json.decode(notes, type=tuple[str, ...]),
    )


def _held(database: sqlite3.Connection) -> tuple[Stored, int]:
    """The document with its version, and its epoch; a damaged one is never taken for none."""
    row: object = database.execute("SELECT document FROM snapshot WHERE one = 1").fetchone()
    match row:
        case (bytes() as document,) if document == EMPTY:
            return Stored(0, None), 0
        case (bytes() as document,):
            with _damage("document"):
                epoch, version = _order(document)
            return Stored(version, document), epoch
        case _:
            raise StoreUnavailable("the store is damaged: its document is gone")


@contextmanager
def _damage(part: str) -> Iterator[None]:
    try:
        yield
    except (Invalid, msgspec.MsgspecError) as error:
        raise StoreUnavailable(f"the store is damaged: its {part} is unsound: {error}") from error


def _order(document: bytes) -> tuple[int, int]:
    snapshot, _ = wire.decode(document)
    return snapshot.epoch, snapshot.version


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with sqlite.opened(path, LAYOUT, "FULL") as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, wire.MAX_DOCUMENT + 1024)
        yield database
