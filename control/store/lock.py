"""One process at a time decides in a state directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from control.store import StoreInUse, StoreUnavailable

LOCK = "serve.lock"


class DirectoryLock:
    """Holds `state_dir` until released, or until the process ends in whatever way.

    Raises StoreInUse when another holds it, and StoreUnavailable when the disk refuses.
    """

    def __init__(self, state_dir: Path) -> None:
        try:
            self._descriptor = os.open(state_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"{LOCK} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.truncate(self._descriptor, 0)
            os.write(self._descriptor, str(os.getpid()).encode())
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace")
            self.release()
            raise StoreInUse(
                f"another crossfade (process {holder}) uses this state_dir; stop it, or give this"
                " one a state_dir of its own"
            ) from error
        except OSError as error:
            self.release()
            raise StoreUnavailable(f"{LOCK} cannot be locked: {error.strerror}") from error

    def release(self) -> None:
        """Lets the next one in; called once."""
        os.close(self._descriptor)
