"""Who carries on when a host's parent has died: its workers, until a new parent has its own.

Two locks in `state_dir` tell them of each other; the kernel lets go of both with their processes.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from pathlib import Path

PARENT = "parent.lock"  # held by a parent whose workers serve
WORKERS = "workers.lock"  # shared by all workers
LOOK_S = 0.1

log = logging.getLogger(__name__)


def hold(state_dir: Path, name: str, *, shared: bool = False) -> int | None:
    """A lock's descriptor, which holds it until it is closed; None where others hold it.

    Raises OSError where the disk refuses.
    """
    descriptor = os.open(state_dir / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


def held(state_dir: Path, name: str) -> bool:
    """Whether anybody holds a lock now; nobody, where that cannot be told."""
    try:
        # The parent's is looked at by several orphans, who must not take each other for a parent.
        descriptor = hold(state_dir, name, shared=name == PARENT)
    except OSError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


async def succeeded(state_dir: Path, patience_s: float) -> bool:
    """Waits until another parent's workers serve; False where that takes too long."""
    try:
        async with asyncio.timeout(patience_s):
            while not await asyncio.to_thread(held, state_dir, PARENT):  # noqa: ASYNC110 - a lock
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        return False
    return True


async def succeed(state_dir: Path) -> None:
    """Says that this parent's workers serve, until cancelled; orphans leave then.

    Where the disk refuses, that is logged: orphans leave by themselves after a while.
    """
    descriptor: int | None = None
    try:
        while descriptor is None:  # an orphan that looks holds it for a moment
            descriptor = hold(state_dir, PARENT)
            await asyncio.sleep(LOOK_S)
        await asyncio.Event().wait()
    except OSError as error:
        log.warning("parent_lock_refused reason=%s", error.strerror)
    finally:
        if descriptor is not None:
            os.close(descriptor)
