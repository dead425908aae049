"""The last good document on disk: two generations, so that no single damage loses both."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from proxy import wire
from proxy.errors import Invalid

CURRENT = "last-good"
PREVIOUS = "last-good.previous"
UNFINISHED = "last-good.unfinished"

log = logging.getLogger(__name__)


def save(state_dir: Path, data: bytes) -> None:
    """Makes `data` the current generation, durably; what was current and whole becomes previous.

    An equal or higher (epoch, version) that is there already stays: workers of one host share the
    directory. Raises OSError when the disk refuses, and then what was there still loads; raises
    Invalid for bytes that are no document. Blocks.
    """
    order = _order(data)
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(state_dir) as directory:
        current = _whole(state_dir / CURRENT)
        if current is not None and _order(current) >= order:
            return
        _write(state_dir / UNFINISHED, data)
        if current is not None:  # a damaged one must not push out a whole one
            os.replace(state_dir / CURRENT, state_dir / PREVIOUS)
        os.replace(state_dir / UNFINISHED, state_dir / CURRENT)
        os.fsync(directory)


def load(state_dir: Path) -> bytes | None:
    """The newest generation whose checksum holds; None where there is none. Blocks."""
    for name in (CURRENT, PREVIOUS):
        data = _whole(state_dir / name)
        if data is not None:
            return data
    return None


def age_s(state_dir: Path) -> float:
    """Seconds since the document that `load` returns was saved; 0 where there is none. Blocks."""
    for name in (CURRENT, PREVIOUS):
        if _whole(state_dir / name) is not None:
            return max(0.0, time.time() - (state_dir / name).stat().st_mtime)
    return 0.0


def _whole(path: Path) -> bytes | None:
    """The file's bytes if they are a document with a right checksum; damage is logged."""
    try:
        with path.open("rb") as file:
            data = file.read(wire.MAX_DOCUMENT + 1)
        wire.decode(data)
    except FileNotFoundError:
        return None
    except (OSError, Invalid) as error:
        log.warning("last_good_damaged file=%s reason=%s", path.name, error)
        return None
    return data


def _order(data: bytes) -> tuple[int, int]:
    snapshot, _ = wire.decode(data)
    return snapshot.epoch, snapshot.version


@contextmanager
def _locked(state_dir: Path) -> Iterator[int]:
    """The directory, open and locked against other processes, to be synced after renames."""
    directory = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
