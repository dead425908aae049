"""The last good document: real files, damaged for real."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxy.errors import Invalid
from proxy.following import lastgood
from proxy.following.lastgood import CURRENT, PREVIOUS, UNFINISHED
from tests.doubles.documents import DAMAGES, document


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    assert lastgood.load(tmp_path) == document(1)


@pytest.mark.parametrize("place", [".", "not/there/yet"])
def test_where_nothing_was_saved_there_is_nothing(tmp_path: Path, place: str) -> None:
    assert lastgood.load(tmp_path / place) is None
    assert lastgood.age_s(tmp_path / place) == 0.0


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    state_dir = tmp_path / "made" / "here"
    lastgood.save(state_dir, document(1))
    lastgood.save(state_dir, document(2))
    assert stat.S_IMODE(state_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in state_dir.iterdir()} == {0o600}


def test_two_generations_are_kept(tmp_path: Path) -> None:
    for version in (1, 2, 3):
        lastgood.save(tmp_path, document(version))
    assert sorted(file.name for file in tmp_path.iterdir()) == [CURRENT, PREVIOUS]
    assert (tmp_path / CURRENT).read_bytes() == document(3)
    assert (tmp_path / PREVIOUS).read_bytes() == document(2)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_generation_gives_way_to_the_one_before(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    lastgood.save(tmp_path, document(1))
    lastgood.save(tmp_path, document(2))
    (tmp_path / CURRENT).write_bytes(damage(document(2)))
    assert lastgood.load(tmp_path) == document(1)


def test_no_single_flipped_bit_is_ever_loaded(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    lastgood.save(tmp_path, document(2))
    whole = bytearray(document(2))
    for place in range(len(whole)):
        whole[place] ^= 1 << (place % 8)
        (tmp_path / CURRENT).write_bytes(whole)
        assert lastgood.load(tmp_path) == document(1)
        whole[place] ^= 1 << (place % 8)


def test_two_damaged_generations_are_nothing(tmp_path: Path) -> None:
    (tmp_path / CURRENT).write_bytes(b"garbage")
    (tmp_path / PREVIOUS).mkdir()
    assert lastgood.load(tmp_path) is None
    assert lastgood.age_s(tmp_path) == 0.0


def test_a_damaged_generation_does_not_push_out_a_whole_one(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    lastgood.save(tmp_path, document(2))
    (tmp_path / CURRENT).write_bytes(b"garbage")
    lastgood.save(tmp_path, document(3))
    assert (tmp_path / CURRENT).read_bytes() == document(3)
    assert (tmp_path / PREVIOUS).read_bytes() == document(1)


@pytest.mark.parametrize("later", [document(1), document(2, share=5)])
def test_an_older_or_equal_document_leaves_the_files_alone(tmp_path: Path, later: bytes) -> None:
    lastgood.save(tmp_path, document(2))
    lastgood.save(tmp_path, later)
    assert [file.name for file in tmp_path.iterdir()] == [CURRENT]
    assert lastgood.load(tmp_path) == document(2)


def test_a_raised_epoch_is_newer_than_any_version(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(9))
    lastgood.save(tmp_path, document(1, epoch=1))
    assert lastgood.load(tmp_path) == document(1, epoch=1)


def test_what_is_no_document_is_never_saved(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        lastgood.save(tmp_path, b"garbage")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_unfinished_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).write_bytes(document(7)[:100])
    (tmp_path / UNFINISHED).chmod(0o600)
    assert lastgood.load(tmp_path) is None
    lastgood.save(tmp_path, document(1))
    assert [file.name for file in tmp_path.iterdir()] == [CURRENT]


def test_a_process_killed_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    (tmp_path / CURRENT).rename(tmp_path / PREVIOUS)
    (tmp_path / UNFINISHED).write_bytes(document(2))
    assert lastgood.load(tmp_path) == document(1)


def test_a_state_dir_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        lastgood.save(tmp_path / "file", document(1))


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    (tmp_path / UNFINISHED).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        lastgood.save(tmp_path, document(2))
    assert [file.name for file in tmp_path.iterdir()] == [CURRENT]
    assert lastgood.load(tmp_path) == document(1)


def test_the_age_counts_from_when_the_loaded_generation_was_saved(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    saved = (tmp_path / CURRENT).stat().st_mtime
    lastgood.save(tmp_path, document(2))
    os.utime(tmp_path / CURRENT, (saved - 5000, saved - 5000))
    assert 5000 <= lastgood.age_s(tmp_path) < 6000
    os.utime(tmp_path / PREVIOUS, (saved - 9000, saved - 9000))
    (tmp_path / CURRENT).write_bytes(b"garbage")
    assert 9000 <= lastgood.age_s(tmp_path) < 10_000


def test_a_clock_set_back_makes_no_age_negative(tmp_path: Path) -> None:
    lastgood.save(tmp_path, document(1))
    ahead = (tmp_path / CURRENT).stat().st_mtime + 3600
    os.utime(tmp_path / CURRENT, (ahead, ahead))
    assert lastgood.age_s(tmp_path) == 0.0


def test_many_savers_leave_the_newest(tmp_path: Path) -> None:
    with ThreadPoolExecutor(max_workers=8) as savers:
        list(savers.map(lambda version: lastgood.save(tmp_path, document(version)), range(1, 41)))
    assert lastgood.load(tmp_path) == document(40)
    assert {file.name for file in tmp_path.iterdir()} <= {CURRENT, PREVIOUS}
