"""The wall clock, without its steps back."""

from __future__ import annotations

import time
from collections.abc import Callable


class Forward:
    """UTC seconds that never run backwards in this process.

    Where the machine's clock is set back it stands still until that has caught up: holds and
    deadlines take longer then, and no time is counted twice.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._last_s = wall()

    def __call__(self) -> float:
        self._last_s = max(self._last_s, self._wall())
        return self._last_s
