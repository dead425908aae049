"""UTC that passes as time does: the wall clock, without its jumps."""

from __future__ import annotations

import time
from collections.abc import Callable

SLEW = 0.01  # how much faster or slower it runs while the wall clock is elsewhere


class Forward:
    """UTC seconds that begin at the wall clock and then pass at the pace of a monotonic one.

    It never runs backwards. Where the wall clock is set it follows by a hundredth of the time that
    passes, so a jump of an hour neither ends a hold nor makes it an hour longer.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._now_s = wall()
        self._looked = steady()

    def __call__(self) -> float:
        looked = self._steady()
        passed, self._looked = looked - self._looked, looked
        self._now_s += passed
        most = passed * SLEW
        self._now_s += min(most, max(-most, self._wall() - self._now_s))
        return self._now_s
