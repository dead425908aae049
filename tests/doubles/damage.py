"""Real damage to a database file: what disks, backups and people do to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


def _garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xffgarbage" * 4_000)


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def zero_page(path: Path, page: int) -> None:
    """Overwrites one page of the file with zeros, the header's being page 0."""
    data = bytearray(path.read_bytes())
    data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    path.write_bytes(data)


def _cut(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


WRECKS: dict[str, Callable[[Path], None]] = {
    "garbage": _garbage,
    "empty file": lambda path: _cut(path, 0.0),
    "cut to the header": lambda path: _cut(path, 0.001),
    "cut to half": lambda path: _cut(path, 0.5),
    "first page zeroed": lambda path: zero_page(path, 0),
    "a directory": _directory,
    "removed": Path.unlink,
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere"))[0],
}
"""Each makes the file unusable."""


def repaired(path: Path, whole: bytes) -> None:
    """Puts the sound file back in the place of whatever is there."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
