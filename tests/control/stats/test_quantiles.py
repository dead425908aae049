"""control/stats/quantiles.py: intervals by rank, and two arms at one quantile."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.quantiles import log_e_quantile, quantile_interval
from proxy.numbers.histogram import HIGHEST_US, Histogram

recordings = st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 400)), max_size=30)


def of(values: Iterable[int], times: int = 1) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value, times)
    return histogram


def test_nothing_recorded_bounds_nothing() -> None:
    assert quantile_interval(Histogram(), 0.95, 0.05) == (None, None)


@pytest.mark.parametrize(
    ("quantile", "unbounded", "bounded"), [(0.95, 97, 98), (0.99, 500, 501), (0.5, 6, 7)]
)
def test_an_upper_bound_needs_enough_values(quantile: float, unbounded: int, bounded: int) -> None:
    assert quantile_interval(of([5000], unbounded), quantile, 0.05)[1] is None
    assert quantile_interval(of([5000], bounded), quantile, 0.05)[1] == 5023


def test_a_lower_bound_comes_early_for_a_high_quantile() -> None:
    assert quantile_interval(of([5000], 2), 0.95, 0.05)[0] is None
    assert quantile_interval(of([5000], 3), 0.95, 0.05)[0] == 4991


def test_the_quantile_of_even_times_lies_in_its_interval() -> None:
    low, high = quantile_interval(of(range(0, 10**6, 100)), 0.95, 0.05)
    assert (low, high) == (937_983, 958_463)  # 0.987 and 1.009 times the true 950,000


def test_all_in_the_first_slot_is_bounded_by_nothing_below() -> None:
    assert quantile_interval(of([0], 1000), 0.95, 0.05) == (0, 0)


@given(recordings, st.sampled_from([0.5, 0.95, 0.99]))
def test_an_interval_holds_the_quantile_that_was_seen(
    pairs: list[tuple[int, int]], quantile: float
) -> None:
    histogram = Histogram()
    for value, times in pairs:
        histogram.record(value, times)
    low, high = quantile_interval(histogram, quantile, 0.05)
    seen = histogram.percentiles([100 * quantile])[0]
    assert low is None or seen is None or low <= seen
    assert high is None or (seen is not None and seen <= high)


@given(recordings)
def test_a_stricter_level_never_narrows_an_interval(pairs: list[tuple[int, int]]) -> None:
    histogram = Histogram()
    for value, times in pairs:
        histogram.record(value, times)
    wide = quantile_interval(histogram, 0.95, 0.001)
    narrow = quantile_interval(histogram, 0.95, 0.1)
    assert wide[0] is None or (narrow[0] is not None and wide[0] <= narrow[0])
    assert wide[1] is None or (narrow[1] is not None and wide[1] >= narrow[1])


@pytest.mark.parametrize(
    ("factor", "ratio", "alarms"),
    [(1, 1.0, False), (2, 1.0, True), (2, 1.5, True), (2, 2.0, False)],
)
def test_a_slower_candidate_is_found_beyond_its_tolerance(
    factor: int, ratio: float, *, alarms: bool
) -> None:
    baseline = of(range(10_000, 1_010_000, 1000))
    candidate = of(range(10_000 * factor, 1_010_000 * factor, 1000 * factor))
    assert (log_e_quantile(candidate, baseline, 0.5, ratio) >= log(100)) is alarms


def test_arms_that_measured_nothing_are_no_evidence() -> None:
    full = of(range(1000))
    for candidate, baseline in (
        (Histogram(), Histogram()),
        (full, Histogram()),
        (Histogram(), full),
    ):
        assert log_e_quantile(candidate, baseline, 0.95, 1.0) <= 0


def test_times_past_an_hour_are_compared_at_an_hour() -> None:
    late = of([HIGHEST_US], 1000)
    assert log_e_quantile(late, of([HIGHEST_US], 1000), 0.95, 100.0) < 0


@pytest.mark.parametrize("quantile", [0.0, 0.05, 1.0, float("nan")])
def test_a_quantile_outside_the_grid_is_refused(quantile: float) -> None:
    with pytest.raises(ValueError, match="a quantile to test"):
        quantile_interval(Histogram(), quantile, 0.05)


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("inf"), float("nan")])
def test_no_ratio_of_times_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="a ratio of quantiles"):
        log_e_quantile(Histogram(), Histogram(), 0.95, ratio)


def test_an_alpha_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        quantile_interval(Histogram(), 0.95, 0.0)
