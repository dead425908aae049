"""The embedded store's file of measurements: its layout, and each operation as one blocking call.

Nothing in it is worth what the document is, so a file that is gone is begun anew. A place names the
file too: a reader that comes with a place of an earlier file reads the whole of this one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import msgspec

from control.store import StoreUnavailable, sqlite
from control.store.measures import Batch

LAYOUT = 1
MOST_SCORES = 100_000  # batches of one migration

# proxy/source/embedded_sink.py writes deltas; a number is never given twice, rolled up or not.
TABLES = """
CREATE TABLE rollup (one INTEGER PRIMARY KEY CHECK (one = 1), mark TEXT NOT NULL,
  up_to INTEGER NOT NULL, state BLOB);
CREATE TABLE deltas (place INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL,
  boot TEXT NOT NULL, seq INTEGER NOT NULL, delta BLOB NOT NULL, UNIQUE (worker, boot, seq));
CREATE TABLE scores (migration TEXT NOT NULL, number INTEGER NOT NULL, batch BLOB NOT NULL,
  PRIMARY KEY (migration, number)) WITHOUT ROWID;
"""


def begin(path: Path) -> None:
    """Creates the file, empty; it appears whole or not at all."""
    sqlite.create(path, LAYOUT, TABLES, "INSERT INTO rollup VALUES (1, ?, 0, NULL)", token_hex(4))


def measured(path: Path, place: str) -> Batch:
    with _opened(path) as database:
        database.execute("BEGIN")
        mark, up_to, state = _rollup(database)
        after = _after(place, mark)
        anew = after < up_to
        after = max(after, up_to)
        with _damage():
            rows: object = database.execute(
                "SELECT place, delta FROM deltas WHERE place > ? ORDER BY place", (after,)
            ).fetchall()
            pairs = msgspec.convert(rows, list[tuple[int, bytes]], builtin_types=(bytes,))
    last = pairs[-1][0] if pairs else after
    return Batch(state if anew else None, tuple(data for _, data in pairs), f"{mark}:{last}")


def roll_up(path: Path, state: bytes, up_to: str, expected: str) -> bool:
    with _opened(path) as database:
        database.execute("BEGIN IMMEDIATE")
        mark, held, _ = _rollup(database)
        if (f"{mark}:{held}" if held else "") != expected or _after(up_to, mark) < held:
            return False
        number = _after(up_to, mark)
        database.execute("UPDATE rollup SET up_to = ?, state = ? WHERE one = 1", (number, state))
        database.execute("DELETE FROM deltas WHERE place <= ?", (number,))
        database.execute("COMMIT")
    return True


def scored(path: Path, migration: str, batch: bytes) -> None:
    with _opened(path) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute(
            "INSERT INTO scores SELECT :migration, COALESCE(MAX(number), -1) + 1, :batch"
            " FROM scores WHERE migration = :migration HAVING COUNT(*) < :most",
            {"migration": migration, "batch": batch, "most": MOST_SCORES},
        )
        database.execute("COMMIT")


def scores(path: Path, migration: str, after: int) -> tuple[bytes, ...]:
    with _opened(path) as database, _damage():
        rows: object = database.execute(
            "SELECT batch FROM scores WHERE migration = ? AND number >= ? ORDER BY number",
            (migration, after),
        ).fetchall()
        found = msgspec.convert(rows, list[tuple[bytes]], builtin_types=(bytes,))
    return tuple(batch for (batch,) in found)


def _rollup(database: sqlite3.Connection) -> tuple[str, int, bytes | None]:
    row: object = database.execute("SELECT mark, up_to, state FROM rollup").fetchone()
    with _damage():
        return msgspec.convert(row, tuple[str, int, bytes | None], builtin_types=(bytes,))


def _after(place: str, mark: str) -> int:
    """The number in a place; 0, the beginning, for one of another file."""
    said, _, number = place.partition(":")
    return int(number) if said == mark and number.isdigit() else 0


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except msgspec.ValidationError as error:
        raise StoreUnavailable("the store is damaged: its measurements are unsound") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that is gone was removed to begin anew."""
    if not path.exists():
        begin(path)
    with sqlite.opened(path, LAYOUT, "NORMAL") as database:
        yield database
