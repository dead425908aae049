"""Latch files: durable, private, obeyed whatever stands in them."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proxy.following import latch
from proxy.following.latch import Note
from proxy.following.latched import Latched

NOTE = Note(actor="jane@host", at="2026-01-02T03:04:05Z", reason="wrong answers")


def test_nothing_is_latched_at_first(tmp_path: Path) -> None:
    assert latch.read(tmp_path) == Latched()
    assert latch.read(tmp_path / "missing") == Latched()
    assert not latch.clear(tmp_path, "triage")


def test_a_latch_holds_until_it_is_cleared(tmp_path: Path) -> None:
    latch.latch(tmp_path, "triage", NOTE)
    latch.latch(tmp_path, "search", NOTE)
    assert latch.read(tmp_path) == Latched(names=frozenset({"triage", "search"}))
    assert latch.note(tmp_path, "triage") == NOTE
    assert latch.clear(tmp_path, "triage")
    assert latch.read(tmp_path) == Latched(names=frozenset({"search"}))
    assert not latch.clear(tmp_path, "triage")


def test_everything_is_a_latch_of_its_own_beside_those_of_names(tmp_path: Path) -> None:
    latch.latch(tmp_path, None, NOTE)
    latch.latch(tmp_path, "everything", NOTE)
    assert latch.read(tmp_path) == Latched(everything=True, names=frozenset({"everything"}))
    assert latch.clear(tmp_path, None)
    assert latch.read(tmp_path) == Latched(names=frozenset({"everything"}))


def test_latching_twice_is_latching_once_and_keeps_the_first_note(tmp_path: Path) -> None:
    latch.latch(tmp_path, "triage", NOTE)
    latch.latch(tmp_path, "triage", Note(actor="joe@host", at="2026-02-02T03:04:05Z"))
    assert latch.note(tmp_path, "triage") == NOTE
    assert [file.name for file in (tmp_path / "latch").iterdir()] == ["migration.triage"]


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    latch.latch(tmp_path, "triage", NOTE)
    folder = tmp_path / "latch"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "migration.triage").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b'{"actor": 1}'])
def test_a_damaged_latch_still_holds(tmp_path: Path, content: bytes) -> None:
    latch.latch(tmp_path, "triage", NOTE)
    (tmp_path / "latch" / "migration.triage").write_bytes(content)
    assert latch.read(tmp_path).holds("triage")
    assert latch.note(tmp_path, "triage") is None


def test_what_is_half_written_or_named_otherwise_is_no_latch(tmp_path: Path) -> None:
    folder = tmp_path / "latch"
    folder.mkdir()
    for name in ("unfinished.4711", "migration.", "migration.a b", "README", "migration.-x"):
        (folder / name).write_bytes(b"")
    assert latch.read(tmp_path) == Latched()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "-a", "x" * 64, "a\n"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no migration"):
        latch.latch(tmp_path, name, NOTE)
    with pytest.raises(ValueError, match="no migration"):
        latch.clear(tmp_path, name)


def test_a_folder_that_cannot_be_read_is_told_from_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "latch").write_bytes(b"a file")
    with pytest.raises(OSError, match="Not a directory"):
        latch.read(tmp_path)
    with pytest.raises(OSError, match="File exists"):
        latch.latch(tmp_path, "triage", NOTE)


def test_many_may_latch_at_once(tmp_path: Path) -> None:
    """A desk has threads, and repeats rollbacks beside those that people ask for."""
    names = [f"m{number}" for number in range(64)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: latch.latch(tmp_path, name, Note(actor=name, at="")), names))
    assert latch.read(tmp_path) == Latched(names=frozenset(names))
    for name in names:
        found = latch.note(tmp_path, name)
        assert found is not None
        assert found.actor == name


FULL = """
import resource, sys
from pathlib import Path
from proxy.following import latch
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
latch.latch(Path(sys.argv[1]), "triage", latch.Note(actor="jane", at=""))
resource.setrlimit(resource.RLIMIT_FSIZE, before)  # what measures coverage writes at the end
"""


def test_a_disk_without_room_for_a_word_still_latches(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], check=True, timeout=60)
    assert latch.read(tmp_path) == Latched(names=frozenset({"triage"}))
    assert latch.note(tmp_path, "triage") is None
