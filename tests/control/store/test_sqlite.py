"""SQLite files: created whole or not at all, opened only as what they should be."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from control.store import StoreUnavailable, sqlite

TABLES = "CREATE TABLE words (word TEXT PRIMARY KEY);"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "words.db"
    create(path)
    return path


def create(path: Path, word: str = "first", *, layout: int = 1) -> None:
    sqlite.create(path, layout, TABLES, "INSERT INTO words VALUES (?)", word)


def words(path: Path) -> list[object]:
    with sqlite.opened(path, 1, "FULL") as database:
        return [word for (word,) in database.execute("SELECT word FROM words ORDER BY word")]


def test_a_new_file_holds_its_first_row(path: Path) -> None:
    assert words(path) == ["first"]


def test_between_operations_the_file_alone_is_the_whole_store(path: Path) -> None:
    with sqlite.opened(path, 1, "NORMAL") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        database.execute("INSERT INTO words VALUES ('second')")
    assert [file.name for file in path.parent.iterdir()] == ["words.db"]
    assert words(path) == ["first", "second"]


def test_the_files_are_for_their_owner_alone(path: Path) -> None:
    with sqlite.opened(path, 1, "FULL") as database:
        database.execute("INSERT INTO words VALUES ('second')")
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["words.db", "words.db-shm", "words.db-wal"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_a_removed_file_left_behind_is_not_played_into_the_new_one(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("INSERT INTO words VALUES ('of old')")
        log = path.with_name("words.db-wal").read_bytes()
    path.unlink()
    for name in ("words.db-wal", "words.db.unfinished", "words.db.unfinished-wal"):
        path.with_name(name).write_bytes(log)
    create(path, "of now")
    assert words(path) == ["of now"]
    assert [file.name for file in path.parent.iterdir()] == ["words.db"]


def test_a_file_that_could_not_be_filled_does_not_appear(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    with pytest.raises(StoreUnavailable, match=r"words\.db cannot be used: no such table: other"):
        sqlite.create(path, 1, TABLES, "INSERT INTO other VALUES (1)")
    assert not path.exists()
    create(path)
    assert words(path) == ["first"]


def test_a_folder_that_takes_no_file_is_unavailable(path: Path) -> None:
    for folder in (path, path.with_name("nowhere")):
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            create(folder / "words.db")


def test_a_missing_file_is_not_created_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"words\.db is missing"):
        words(tmp_path / "words.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_layout_is_refused(path: Path) -> None:
    with (
        pytest.raises(StoreUnavailable, match="of another crossfade"),
        sqlite.opened(path, 2, "FULL"),
    ):
        pass


@pytest.mark.parametrize(("synchronous", "level"), [("NORMAL", 1), ("FULL", 2)])
def test_commits_are_as_safe_as_the_caller_asks(
    path: Path, synchronous: sqlite.Synchronous, level: int
) -> None:
    with sqlite.opened(path, 1, synchronous) as database:
        assert database.execute("PRAGMA synchronous").fetchone() == (level,)


def test_what_is_not_committed_is_taken_back(path: Path) -> None:
    with sqlite.opened(path, 1, "FULL") as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO words VALUES ('second')")
    assert words(path) == ["first"]


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM other", "INSERT INTO words VALUES ('first')", "no SQL"]
)
def test_what_the_file_refuses_is_unavailable(path: Path, statement: str) -> None:
    with (
        pytest.raises(StoreUnavailable, match=r"words\.db cannot be used"),
        sqlite.opened(path, 1, "FULL") as database,
    ):
        database.execute(statement)


def test_text_that_is_none_is_unavailable(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("INSERT INTO words VALUES (CAST(x'ff' AS TEXT))")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        words(path)
