"""The clock only goes forward."""

from __future__ import annotations

import time

from proxy.carrying.clock import microseconds


def test_it_counts_monotonic_microseconds() -> None:
    before = time.monotonic_ns() // 1000
    assert before <= microseconds() <= time.monotonic_ns() // 1000
