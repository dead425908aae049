"""control/guard/intervals.py: intervals that hold however often one looks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control.guard import intervals
from control.guard.counting import Row

trials = st.integers(1, 20_000)


def row(k1: int, n1: int, k0: int, n0: int, epoch: int = 1) -> Row:
    return Row(
        epoch=epoch,
        quarter=epoch,
        candidate=k1,
        candidate_trials=n1,
        baseline=k0,
        baseline_trials=n0,
    )


def bounds(interval: intervals.Interval) -> tuple[float, float]:
    low, high = interval
    assert low is not None
    assert high is not None
    return low, high


@given(trials, st.floats(0, 1), st.floats(0.0001, 0.2))
@settings(max_examples=40)
def test_a_rate_lies_within_its_interval(count: int, part: float, alpha: float) -> None:
    hits = round(count * part)
    low, high = intervals.of_rate(hits, count, alpha)
    assert low is not None
    assert low <= hits / count + 1e-6
    assert high is None or high >= hits / count - 1e-6


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(10, 1_000, 0.0028, 0.024), (50, 1_000, 0.031, 0.076), (1_000, 100_000, 0.0088, 0.0113)],
)
def test_the_interval_of_a_rate_narrows(hits: int, count: int, low: float, high: float) -> None:
    assert bounds(intervals.of_rate(hits, count, 0.05)) == pytest.approx((low, high), rel=0.15)


def test_a_rate_of_few_is_hardly_known() -> None:
    assert intervals.of_rate(0, 0, 0.05) == (None, None)
    assert bounds(intervals.of_rate(0, 1, 0.05)) == pytest.approx((0.0, 0.98), abs=0.01)
    assert intervals.of_rate(1, 1, 0.05)[1] is None


def test_a_ratio_is_told_by_the_observed_shares() -> None:
    epochs = [row(100, 1_000, 300, 9_000, 1), row(200, 2_000, 67, 2_000, 2)]  # three times
    low, high = bounds(intervals.of_ratio(epochs, 0.05))
    assert 2.1 < low < 3 < high < 4.3
    wider = bounds(intervals.of_ratio(epochs, 0.001))
    assert wider[0] < low < high < wider[1]


def test_cells_of_one_epoch_are_taken_together() -> None:
    halves = [row(50, 500, 150, 4_500), row(50, 500, 150, 4_500)]
    assert intervals.of_ratio(halves, 0.05) == intervals.of_ratio(
        [row(100, 1_000, 300, 9_000)], 0.05
    )


def test_without_failures_to_compare_a_ratio_is_unbounded() -> None:
    assert intervals.of_ratio([], 0.05) == (None, None)
    assert intervals.of_ratio([row(0, 0, 0, 0)], 0.05) == (None, None)
    assert intervals.of_ratio([row(5, 50, 0, 0)], 0.05) == (None, None)


def test_a_difference_lies_between_the_ends_of_both_rates() -> None:
    low, high = bounds(intervals.of_difference([row(100, 1_000, 300, 9_000)], 0.05))
    assert 0.02 < low < 0.1 - 300 / 9_000 < high < 0.12
    assert intervals.of_difference([row(0, 0, 300, 9_000)], 0.05) == (None, None)


@pytest.mark.parametrize(
    ("one", "other", "less", "over"),
    [(3.0, 2.0, 1.0, 1.5), (None, 2.0, None, None), (3.0, None, None, None), (3.0, 0.0, 3.0, None)],
)
def test_an_end_that_is_not_known_makes_no_end(
    one: float | None, other: float | None, less: float | None, over: float | None
) -> None:
    assert intervals.less(one, other) == less
    assert intervals.over(one, other) == over
