"""The worker's clock, where the hot path can have it compiled."""

from __future__ import annotations

from time import monotonic_ns


def microseconds() -> int:
    """Monotonic microseconds since some moment in the past."""
    return monotonic_ns() // 1000
