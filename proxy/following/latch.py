"""The local latch on disk: a file for each latched migration, which outlives every restart.

That a file is there is what counts; what stands in it is for people. So a latch that was cut short
or damaged still holds.
"""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from proxy.following.latched import Latched

FOLDER = "latch"
_ONE = "migration."  # before a name, so that no name can be taken for another file
_ALL = "everything"
_UNFINISHED = "unfinished."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Who latched, when (UTC, ISO 8601), and in what words.

    `replay`: it stands for a rollback that the store could not take; once that is repeated there,
    the latch has done its work.
    """

    actor: str
    at: str
    reason: str | None = None
    replay: bool = False


def read(state_dir: Path) -> Latched:
    """What is latched. Raises OSError where that cannot be told. Blocks, 20 us."""
    try:
        files = os.listdir(state_dir / FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.lexists(state_dir / FOLDER):
            raise
        return Latched()
    names = (file.removeprefix(_ONE) for file in files if file.startswith(_ONE))
    return Latched(everything=_ALL in files, names=frozenset(filter(_NAME.fullmatch, names)))


def latch(state_dir: Path, name: str | None, note: Note) -> None:
    """Latches a migration, or everything (None), durably; once latched, it stays as it is.

    Raises OSError where the disk refuses, ValueError for what is no migration's name. Blocks.
    """
    file = _file(state_dir, name)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = file.with_name(f"{_UNFINISHED}{os.getpid()}.{threading.get_ident()}")
    with open(unfinished, "wb", buffering=0, opener=_private) as written:
        with suppress(OSError):  # a full disk has room for an empty file, and that latches
            written.write(msgspec.json.encode(note) + b"\n")
        os.fsync(written.fileno())
    try:
        os.link(unfinished, file)  # unlike a rename it leaves the first one's note
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    _sync(file.parent)
    _sync(state_dir)


def clear(state_dir: Path, name: str | None) -> bool:
    """Clears one latch (None: the one of everything), durably; False where there was none.

    Raises OSError where the disk refuses, ValueError for what is no migration's name. Blocks.
    """
    file = _file(state_dir, name)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    _sync(file.parent)
    return True


def note(state_dir: Path, name: str | None) -> Note | None:
    """What was noted with a latch; None where nothing readable was. Blocks."""
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(_file(state_dir, name).read_bytes(), type=Note)
    return None


def to_replay(state_dir: Path) -> dict[str | None, Note]:
    """The latches that stand for a rollback which the store has not got yet. Blocks."""
    held = read(state_dir)
    found = {name: note(state_dir, name) for name in (None, *held.names)}
    return {name: one for name, one in found.items() if one is not None and one.replay}


def _file(state_dir: Path, name: str | None) -> Path:
    if name is None:
        return state_dir / FOLDER / _ALL
    if not _NAME.fullmatch(name):
        raise ValueError("no migration can have this name")
    return state_dir / FOLDER / f"{_ONE}{name}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
