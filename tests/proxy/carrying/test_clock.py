"""The clock only goes forward."""

from __future__ import annotations

import time

from proxy.carrying.clock import Clock


def test_it_counts_monotonic_microseconds() -> None:
    before = time.monotonic_ns() // 1000
    assert before <= Clock()() <= time.monotonic_ns() // 1000
