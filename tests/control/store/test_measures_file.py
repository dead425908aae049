"""The file of measurements: damaged for real, removed, starved, and bounded."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from control.store import StoreUnavailable, measures_file, sqlite
from control.store.measures import Batch
from proxy.source import embedded_sink
from tests.doubles.damage import repaired
from tests.doubles.deltas import flushed

OPERATIONS: dict[str, Callable[[Path], object]] = {
    "measured": lambda path: measures_file.measured(path, ""),
    "roll_up": lambda path: measures_file.roll_up(path, b"state", "m:1", ""),
    "scored": lambda path: measures_file.scored(path, "triage", b"scores"),
    "scores": lambda path: measures_file.scores(path, "triage", 0),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three flushes."""
    path = tmp_path / "measures.db"
    measures_file.begin(path)
    for seq in (1, 2, 3):
        embedded_sink._append(path, flushed(seq))
    return path


def execute(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)


@pytest.fixture
def locked_out(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as elsewhere:
        elsewhere.execute("PRAGMA locking_mode = EXCLUSIVE")
        elsewhere.execute("BEGIN EXCLUSIVE")
        yield


def wreck_with_garbage(path: Path) -> None:
    repaired(path, b"garbage" * 1_000)


def wreck_layout(path: Path) -> None:
    execute(path, "PRAGMA user_version = 9")


def wreck_tables(path: Path) -> None:
    for table in ("deltas", "rollup", "scores"):
        execute(path, f"DROP TABLE {table}")


def wreck_into_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "wreck", [wreck_with_garbage, wreck_layout, wreck_tables, wreck_into_directory]
)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_a_wrecked_file_is_unavailable_in_every_operation(
    path: Path, wreck: Callable[[Path], None], operation: Callable[[Path], object]
) -> None:
    wreck(path)
    with pytest.raises(StoreUnavailable, match="measures"):
        operation(path)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_a_file_that_is_gone_is_begun_anew(path: Path, operation: Callable[[Path], object]) -> None:
    path.unlink()
    operation(path)
    assert measures_file.measured(path, "").deltas == ()


@pytest.mark.usefixtures("locked_out")
def test_a_file_that_stays_locked_is_unavailable(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.01)
    with pytest.raises(StoreUnavailable, match="locked"):
        measures_file.measured(path, "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deltas SET delta = 'text'",
        "UPDATE rollup SET state = 7",
        "UPDATE rollup SET up_to = 'far'",
        "DELETE FROM rollup",
    ],
)
def test_values_of_another_kind_are_damage(path: Path, statement: str) -> None:
    execute(path, statement)
    with pytest.raises(StoreUnavailable, match="damaged: its measurements are unsound"):
        measures_file.measured(path, "")


def test_scores_of_another_kind_are_damage(path: Path) -> None:
    execute(path, "INSERT INTO scores VALUES ('triage', 0, 'text')")
    with pytest.raises(StoreUnavailable, match="damaged"):
        measures_file.scores(path, "triage", 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_flipped_bit_breaks_nothing_but_its_own_part(path: Path, seed: int) -> None:
    whole = path.read_bytes()
    draw = random.Random(seed)
    for _ in range(100):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        repaired(path, bytes(damaged))
        try:
            batch = measures_file.measured(path, "")
            assert isinstance(batch, Batch)
            measures_file.roll_up(path, b"state", batch.place, "")
        except StoreUnavailable:
            continue


def test_a_number_is_not_given_twice_though_what_had_it_was_rolled_up(path: Path) -> None:
    place = measures_file.measured(path, "").place
    assert measures_file.roll_up(path, b"state", place, "")
    embedded_sink._append(path, flushed(4))
    assert measures_file.measured(path, place).deltas == (flushed(4),)


def test_a_roll_up_never_goes_back(path: Path) -> None:
    first = measures_file.measured(path, "")
    mark = first.place.partition(":")[0]
    assert measures_file.roll_up(path, b"2", f"{mark}:2", "")
    assert not measures_file.roll_up(path, b"1", f"{mark}:1", f"{mark}:2")
    assert measures_file.measured(path, "").rollup == b"2"


def test_places_that_are_none_read_from_the_beginning(path: Path) -> None:
    for place in ("", "x", "other:2", "other:x", ":"):
        assert len(measures_file.measured(path, place).deltas) == 3


def test_scores_are_kept_up_to_a_bound(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures_file, "MOST_SCORES", 3)
    for number in range(5):
        measures_file.scored(path, "triage", b"%d" % number)
        measures_file.scored(path, "other", b"x")
    assert measures_file.scores(path, "triage", 0) == (b"0", b"1", b"2")
