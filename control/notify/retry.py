"""How long to wait before a message is sent again."""

from __future__ import annotations

ATTEMPTS = 6
FIRST_S = 1.0
LONGEST_S = 60.0


def pause_s(attempt: int, *, jitter: float, asked_s: float | None = None) -> float | None:
    """Seconds until the next try after the `attempt`th (from 1) failed; None: give it up.

    It doubles from one second on, and `jitter` (0 to 1) takes up to half of it away, so that many
    hosts do not come back at one moment. A receiver that asked for a pause gets it, up to a minute.
    """
    if attempt >= ATTEMPTS:
        return None
    doubled = FIRST_S * (1 << (attempt - 1))
    return min(LONGEST_S, max(asked_s or 0.0, doubled * (1 - jitter / 2)))
