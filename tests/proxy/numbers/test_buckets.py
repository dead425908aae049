"""Bounds that can be told apart and cover what happens."""

from __future__ import annotations

import pytest

from proxy.numbers.buckets import GAP_US, LATENCY_US, OVERHEAD_US
from proxy.numbers.histogram import HIGHEST_US, Histogram

ALL = {"latency": LATENCY_US, "gap": GAP_US, "overhead": OVERHEAD_US}


@pytest.mark.parametrize("bounds", ALL.values(), ids=ALL)
def test_bounds_rise_and_lie_in_different_slots(bounds: tuple[int, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))
    assert bounds[-1] < HIGHEST_US
    each_once = Histogram()
    for bound in bounds:
        each_once.record(bound)
    assert each_once.bucket_counts(bounds) == list(range(1, len(bounds) + 1))


def test_latencies_reach_from_a_millisecond_to_ten_minutes() -> None:
    assert (LATENCY_US[0], LATENCY_US[-1]) == (1_000, 600_000_000)
    assert {500_000, 1_000_000} <= set(LATENCY_US)


def test_gaps_start_at_100_and_overhead_at_10_microseconds() -> None:
    assert (GAP_US[0], OVERHEAD_US[0]) == (100, 10)
