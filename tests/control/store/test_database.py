"""The embedded store's SQLite file: damaged for real, and never taken for empty."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from control.store import Conflict, Event, Stored, StoreUnavailable, WorkerStatus, database
from tests.doubles.damage import WRECKS, repaired, zero_page
from tests.doubles.documents import DAMAGES, document, event

OPERATIONS: dict[str, Callable[[Path], object]] = {
    "read": database.read,
    "commit": lambda path: database.commit(path, document(4), 3, event(4)),
    "history": lambda path: database.history(path, "triage", 10),
    "workers": lambda path: database.workers(path, 0.0),
    "forget_workers": database.forget_workers,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store at version 3."""
    path = tmp_path / "store.db"
    database.begin(path, None)
    for version in (1, 2, 3):
        database.commit(path, document(version), version - 1, event(version))
    return path


def execute(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)


@pytest.mark.parametrize("wreck", WRECKS.values(), ids=WRECKS.keys())
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_a_wrecked_file_is_unavailable_in_every_operation(
    path: Path, wreck: Callable[[Path], None], operation: Callable[[Path], object]
) -> None:
    wreck(path)
    with pytest.raises(StoreUnavailable, match="store"):
        operation(path)


@pytest.mark.parametrize("wreck", WRECKS.values(), ids=WRECKS.keys())
def test_a_repaired_file_serves_again(path: Path, wreck: Callable[[Path], None]) -> None:
    whole = path.read_bytes()
    wreck(path)
    with pytest.raises(StoreUnavailable):
        database.read(path)
    repaired(path, whole)
    assert database.read(path) == Stored(3, document(3))


def test_a_lost_page_of_the_document_is_not_taken_for_empty(path: Path) -> None:
    zero_page(path, 1)
    for operation in (OPERATIONS["read"], OPERATIONS["commit"]):
        with pytest.raises(StoreUnavailable):
            operation(path)


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_is_harmless_or_noticed(path: Path, seed: int) -> None:
    whole = path.read_bytes()
    draw = random.Random(seed)
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        repaired(path, bytes(damaged))
        try:
            assert database.read(path) == Stored(3, document(3))
            assert all(isinstance(told, Event) for told in database.history(path, "triage", 9))
            database.workers(path, 0.0)
            database.commit(path, document(4), 3, event(4))
            assert database.read(path) == Stored(4, document(4))
        except StoreUnavailable:
            continue


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_document_is_unavailable_and_takes_no_commit(
    path: Path, damage: Callable[[bytes], bytes]
) -> None:
    execute(path, "UPDATE snapshot SET document = ?", damage(document(3)))
    for operation in (OPERATIONS["read"], OPERATIONS["commit"]):
        with pytest.raises(StoreUnavailable, match="damaged: its document is unsound"):
            operation(path)


@pytest.mark.parametrize("value", ["text", 7, b""])
def test_a_value_of_another_kind_is_not_taken_for_empty(path: Path, value: object) -> None:
    execute(path, "UPDATE snapshot SET document = ?", value)
    with pytest.raises(StoreUnavailable, match="damaged"):
        database.read(path)


def test_a_document_that_is_gone_is_not_taken_for_empty(path: Path) -> None:
    execute(path, "DELETE FROM snapshot")
    with pytest.raises(StoreUnavailable, match="its document is gone"):
        database.read(path)


def test_a_document_over_the_limit_is_never_read(path: Path) -> None:
    execute(path, "UPDATE snapshot SET document = zeroblob(100000000)")
    with pytest.raises(StoreUnavailable, match="too big"):
        database.read(path)


@pytest.mark.parametrize("entry", [b"garbage", b"{}", "text", b"\xff"])
def test_a_damaged_history_is_unavailable(path: Path, entry: object) -> None:
    execute(path, "INSERT INTO history VALUES (9, 'triage', ?)", entry)
    with pytest.raises(StoreUnavailable, match="damaged: its history is unsound"):
        database.history(path, "triage", 10)


@pytest.mark.parametrize("version", ["many", 1.5, b"1"])
def test_a_damaged_list_of_workers_is_unavailable(path: Path, version: object) -> None:
    execute(path, "INSERT INTO workers (worker, version, seen_s) VALUES ('one', ?, 0.0)", version)
    with pytest.raises(StoreUnavailable, match="damaged: its list of workers is unsound"):
        database.workers(path, 1.0)


@pytest.mark.parametrize(
    "statement", ["UPDATE history SET event = x'00'", "DELETE FROM history WHERE version = 1"]
)
def test_history_cannot_be_rewritten(path: Path, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="history is append-only"):
        execute(path, statement)
    assert len(database.history(path, "triage", 10)) == 3


def test_a_commit_whose_history_cannot_be_written_does_not_happen(path: Path) -> None:
    execute(path, "INSERT INTO history VALUES (4, 'triage', x'00')")
    with pytest.raises(StoreUnavailable, match="UNIQUE"):
        database.commit(path, document(4), 3, event(4))
    assert database.read(path) == Stored(3, document(3))


def test_a_writer_elsewhere_is_waited_for_then_reported(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as elsewhere:
        elsewhere.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="database is locked"):
            database.commit(path, document(4), 3, event(4))
        assert database.read(path) == Stored(3, document(3))


def test_versions_are_compared_inside_the_transaction(path: Path) -> None:
    database.commit(path, document(4), 3, event(4))
    with pytest.raises(Conflict, match="the store is at version 4"):
        database.commit(path, document(4, share=1), 3, event(4))


def test_a_new_file_may_begin_with_a_document(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.begin(path, document(7))
    assert database.read(path) == Stored(7, document(7))
    database.commit(path, document(8), 7, event(8))
    assert database.history(path, "triage", 10) == [event(8)]


def test_workers_are_told_with_their_age_and_silent_ones_are_not_live(path: Path) -> None:
    for worker, seen in (("fresh", 99.0), ("silent", 60.0), ("of an earlier boot", 5_000.0)):
        execute(
            path, "INSERT INTO workers (worker, version, seen_s) VALUES (?, 3, ?)", worker, seen
        )
    assert database.workers(path, 100.0) == [
        WorkerStatus(worker="fresh", version=3, age_s=1.0, live=True),
        WorkerStatus(worker="silent", version=3, age_s=40.0, live=False),
    ]
    database.forget_workers(path)
    assert database.workers(path, 100.0) == []


def test_a_file_of_an_earlier_release_gets_room_for_notes(path: Path) -> None:
    execute(path, "ALTER TABLE workers DROP COLUMN notes")
    for _ in range(2):
        database.forget_workers(path)
    execute(path, "INSERT INTO workers VALUES ('one', 3, 0.0, '[\"latched *\"]')")
    assert database.workers(path, 1.0)[0].notes == ("latched *",)


def test_notes_that_are_none_are_damage(path: Path) -> None:
    execute(path, "INSERT INTO workers VALUES ('one', 3, 0.0, '{}')")
    with pytest.raises(StoreUnavailable, match="damaged"):
        database.workers(path, 1.0)
