"""How long to wait before a worker process that died is started again."""

from __future__ import annotations

FIRST_S = 0.1
LONGEST_S = 30.0
STEADY_S = 60.0  # who lived so long starts afresh


class Backoff:
    """Doubles from a tenth of a second to half a minute while processes die young."""

    __slots__ = ("_next_s",)

    def __init__(self) -> None:
        self._next_s = 0.0

    def after(self, lived_s: float) -> float:
        """Seconds to wait after a process that lived so long; none after the first death."""
        if lived_s >= STEADY_S:
            self._next_s = 0.0
        now_s = self._next_s
        self._next_s = min(LONGEST_S, max(FIRST_S, 2 * now_s))
        return now_s
