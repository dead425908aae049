"""control/stats/planning.py against the figures of statistics.md and exact binomial chances."""

from __future__ import annotations

from math import comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.planning import (
    breaker_trips,
    detectable_absolute,
    detectable_rate,
    wald_requests,
)
from control.stats.sequential import log_e_absolute


def at_least(errors: int, requests: int, rate: float) -> float:
    return sum(
        comb(requests, k) * rate**k * (1 - rate) ** (requests - k)
        for k in range(errors, requests + 1)
    )


@pytest.mark.parametrize(
    ("good", "bad", "at_bad", "at_good"),
    [
        (0.01, 0.02, 1067, 933),
        (0.01, 0.03, 317, 316),
        (0.01, 0.05, 101, 118),
        (0.02, 0.04, 527, 459),
        (0.05, 0.10, 202, 174),
    ],
)
def test_walds_test_needs_what_the_table_says(
    good: float, bad: float, at_bad: int, at_good: int
) -> None:
    needs = wald_requests(good, bad, alpha=0.01, beta=0.05)
    assert (round(needs.at_bad), round(needs.at_good)) == (at_bad, at_good)


@pytest.mark.parametrize(
    ("rate", "run", "trips"), [(0.01, 5, 1e-4), (0.05, 5, 0.3), (0.05, 8, 3.7e-5)]
)
def test_a_breaker_trips_by_chance_as_the_page_says(rate: float, run: int, trips: float) -> None:
    assert breaker_trips(1e6, rate, run) == pytest.approx(trips, rel=0.02)


def test_a_first_step_sees_five_percent_and_not_two() -> None:
    """The 1 % step of 20,000 requests, of which statistics.md says what it finds."""
    found = detectable_rate(20_000, 0.01, 0.01, 0.01)
    assert found == pytest.approx(0.057, rel=0.02)


@given(st.integers(100, 10**6), st.floats(0.01, 0.99), st.floats(0, 0.2))
def test_more_requests_never_hide_an_effect(requests: int, share: float, rate: float) -> None:
    few = detectable_rate(requests, share, rate, 0.01)
    many = detectable_rate(4 * requests, share, rate, 0.01)
    assert few is None or (many is not None and rate <= many <= few * 1.05)


def test_a_stricter_level_and_a_wider_tolerance_find_less() -> None:
    usual = detectable_rate(10_000, 0.1, 0.01, 0.01)
    strict = detectable_rate(10_000, 0.1, 0.01, 0.0001)
    wide = detectable_rate(10_000, 0.1, 0.01, 0.01, ratio=1.5)
    assert usual is not None
    assert strict is not None
    assert wide is not None
    assert usual < min(strict, wide)


@pytest.mark.parametrize("requests", [0, 10, 200])
def test_too_few_requests_find_nothing(requests: int) -> None:
    assert detectable_rate(requests, 0.01, 0.01, 0.01) is None
    assert detectable_absolute(0, 0.02, 0.01) is None


@pytest.mark.parametrize(("requests", "limit"), [(5, 0.02), (60, 0.02), (700, 0.02), (200, 0.1)])
def test_what_breaks_a_limit_is_found_with_the_chance_that_is_said(
    requests: int, limit: float
) -> None:
    found = detectable_absolute(requests, limit, 0.01)
    assert found is not None
    needed = next(k for k in range(requests) if log_e_absolute(k, requests, limit) >= log(100))
    assert at_least(needed, requests, found) == pytest.approx(0.8, abs=0.01)


def test_a_baseline_that_never_fails_can_be_planned_with() -> None:
    found = detectable_rate(5000, 0.1, 0.0, 0.01)
    assert found == pytest.approx(0.011, rel=0.05)


def test_a_tolerance_of_total_outage_leaves_nothing_to_find() -> None:
    assert detectable_rate(5000, 0.1, 0.4, 0.01, ratio=3.0) is None


@pytest.mark.parametrize(("share", "rate"), [(0.0, 0.1), (1.0, 0.1), (0.5, -0.1), (0.5, 1.0)])
def test_impossible_steps_are_refused(share: float, rate: float) -> None:
    with pytest.raises(ValueError, match="no share and rate"):
        detectable_rate(1000, share, rate, 0.01)


@pytest.mark.parametrize(("good", "bad"), [(0.0, 0.1), (0.2, 0.1), (0.1, 1.0)])
def test_rates_that_cannot_be_told_apart_are_refused(good: float, bad: float) -> None:
    with pytest.raises(ValueError, match="no two rates"):
        wald_requests(good, bad, 0.01, 0.05)


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.1), (0.1, 1.0)])
def test_impossible_chances_are_refused(alpha: float, beta: float) -> None:
    with pytest.raises(ValueError, match="no chances of error"):
        wald_requests(0.01, 0.02, alpha, beta)


@pytest.mark.parametrize(("rate", "run"), [(-0.1, 5), (1.1, 5), (0.1, 0)])
def test_impossible_breakers_are_refused(rate: float, run: int) -> None:
    with pytest.raises(ValueError, match="no rate and run"):
        breaker_trips(1e6, rate, run)
