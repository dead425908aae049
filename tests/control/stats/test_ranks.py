"""control/stats/ranks.py against Mann and Whitney's test by its definition."""

from __future__ import annotations

from itertools import product
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.ranks import Ranks, rank
from proxy.numbers.histogram import Histogram

# Up to 255 µs a slot holds one value, so ties are those of the values.
times = st.lists(st.integers(0, 255), min_size=1, max_size=25)


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(times, times)
def test_the_effect_is_the_share_of_slower_pairs(ours: list[int], theirs: list[int]) -> None:
    pairs = list(product(ours, theirs))
    slower = sum((mine > other) + (mine == other) / 2 for mine, other in pairs)
    found = rank(of(ours), of(theirs))
    assert found is not None
    assert found.effect == pytest.approx(slower / len(pairs))


@given(times, times)
def test_swapping_the_arms_turns_everything_round(ours: list[int], theirs: list[int]) -> None:
    one, other = rank(of(ours), of(theirs)), rank(of(theirs), of(ours))
    assert one is not None
    assert other is not None
    assert one.effect == pytest.approx(1 - other.effect)
    assert (one.z is None) == (other.z is None)
    assert one.z is None or other.z is None or one.z == pytest.approx(-other.z, abs=1e-9)


def test_z_follows_the_formula_with_ties() -> None:
    found = rank(of([1, 2, 2, 5]), of([1, 1, 2, 3, 3]))
    ties = [3, 3, 2, 1]  # of 1, 2, 3 and 5
    u, n1, n0, n = 1 + 2 * 2.5 + 5, 4, 5, 9
    variance = n1 * n0 / 12 * ((n + 1) - sum(t**3 - t for t in ties) / (n * (n - 1)))
    assert found is not None
    assert found.effect == u / 20
    assert found.z == pytest.approx((u - n1 * n0 / 2) / sqrt(variance))


def test_equal_values_alone_leave_nothing_to_rank() -> None:
    assert rank(of([7, 7]), of([7])) == Ranks(effect=0.5, z=None)


def test_an_arm_without_requests_is_not_ranked() -> None:
    assert rank(of([]), of([1])) is None
    assert rank(of([1]), of([])) is None


def test_millions_of_requests_overflow_nothing() -> None:
    ours, theirs = Histogram(), Histogram()
    ours.record(20_000, 10**12)
    theirs.record(10_000, 10**12)
    found = rank(ours, theirs)
    assert found is not None
    assert found.effect == 1.0
    assert found.z == pytest.approx(sqrt(2 * 10**12))
