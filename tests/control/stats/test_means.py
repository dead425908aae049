"""control/stats/means.py: intervals of means and ratios, and the evidence that goes with them."""

from __future__ import annotations

from math import log, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from control.stats.logarithms import threshold
from control.stats.means import (
    Moments,
    log_e_over,
    log_e_over_baseline,
    mean_interval,
    ratio_interval,
)

means = st.floats(0.001, 10)
counts = st.integers(30, 10**6)


def sample(count: int, mean: float, spread: float) -> Moments:
    """A sample of this mean and standard deviation."""
    squares = spread**2 * (count - 1) + count * mean**2
    return Moments(count=count, total=count * mean, squares=squares)


samples = st.builds(sample, counts, means, st.floats(0.01, 3))


def test_an_interval_is_that_of_the_formula() -> None:
    """statistics.md 4.3 with its own letters; r without the alpha**2 that is 0.03 % of it."""
    alpha, t, std = 0.05, 2000, 0.7
    r = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / 10_000
    margin = std * sqrt(2 * (t * r + 1) / (t**2 * r) * log(sqrt(t * r + 1) / alpha))
    found = mean_interval(sample(t, 3.0, std), alpha)
    assert found == pytest.approx((3 - margin, 3 + margin))


@given(samples, st.floats(0.001, 0.2))
def test_evidence_alarms_where_the_interval_ends(known: Moments, alpha: float) -> None:
    low, _ = mean_interval(known, alpha)
    assert low is not None
    assert log_e_over(known, low, alpha) == pytest.approx(threshold(alpha), rel=1e-3)
    assert log_e_over(known, known.mean, alpha) < 0


@given(samples, samples, st.floats(0.001, 0.2))
def test_a_ratio_is_rejected_outside_its_interval_alone(
    candidate: Moments, baseline: Moments, alpha: float
) -> None:
    low, high = ratio_interval(candidate, baseline, alpha)
    assert low is not None
    seen = candidate.mean / baseline.mean
    assert low <= seen * (1 + 1e-9)
    assert high is None or seen <= high * (1 + 1e-9)
    assume(low > 1e-6)
    evidence = log_e_over_baseline(candidate, baseline, low, alpha)
    assert evidence == pytest.approx(threshold(alpha), rel=1e-3)


def test_a_ratio_has_no_end_while_the_baseline_may_cost_nothing() -> None:
    low, high = ratio_interval(sample(1000, 1.0, 0.1), sample(30, 0.001, 1.0), 0.05)
    assert low is not None
    assert low > 0
    assert high is None


def test_a_candidate_that_may_cost_nothing_has_no_lower_ratio() -> None:
    assert ratio_interval(sample(30, 0.001, 1.0), sample(1000, 1.0, 0.1), 0.05)[0] == 0.0


def test_more_than_the_tolerance_is_found() -> None:
    baseline, candidate = sample(9000, 1.0, 1.3), sample(3000, 1.25, 1.3)
    assert log_e_over_baseline(candidate, baseline, 1.0, 0.01) > log(100)
    assert log_e_over_baseline(candidate, baseline, 1.25, 0.01) < 0
    assert log_e_over(candidate, 1.1, 0.01) > log(100)


def test_the_first_thirty_say_nothing() -> None:
    few, many = sample(29, 5.0, 0.1), sample(30, 1.0, 0.1)
    assert mean_interval(few, 0.05) == (None, None)
    assert ratio_interval(few, many, 0.05) == ratio_interval(many, few, 0.05) == (None, None)
    assert log_e_over(few, 1.0, 0.05) == 0
    assert log_e_over_baseline(few, many, 1.0, 0.05) == 0


def test_costs_that_never_differ_are_known_but_not_without_end() -> None:
    flat = Moments(count=1000, total=1000 * 0.0123, squares=1000 * 0.0123**2)
    assert log_e_over_baseline(flat, flat, 1.0, 0.05) < 0
    assert 1e3 < log_e_over_baseline(flat, flat, 0.99, 0.05) < 1e12


def test_what_costs_nothing_is_not_dearer_than_nothing() -> None:
    free = Moments(count=1000, total=0.0, squares=0.0)
    assert log_e_over_baseline(free, free, 1.0, 0.05) < 0
    assert log_e_over(free, -1.0, 0.05) < 0
    assert ratio_interval(sample(1000, 1.0, 0.1), free, 0.05) == (0.0, None)


@pytest.mark.parametrize(("count", "squares"), [(-1, 1.0), (5, -1.0), (5, float("nan"))])
def test_impossible_sums_are_refused(count: int, squares: float) -> None:
    with pytest.raises(ValueError, match="no sums of a sample"):
        Moments(count=count, total=1.0, squares=squares)


def test_what_was_not_measured_has_neither_mean_nor_spread() -> None:
    with pytest.raises(ValueError, match="no mean"):
        _ = Moments(count=0, total=0.0, squares=0.0).mean
    with pytest.raises(ValueError, match="no spread"):
        _ = Moments(count=1, total=1.0, squares=1.0).error


def test_impossible_levels_and_plans_are_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        mean_interval(sample(100, 1.0, 1.0), 1.5)
    with pytest.raises(ValueError, match="planned for no request"):
        mean_interval(sample(100, 1.0, 1.0), 0.05, planned=0)
