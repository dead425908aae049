"""control/stats/planning.py against the figures of statistics.md and exact binomial chances."""

from __future__ import annotations

from math import comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.stats.planning import (
    detectable_absolute,
    detectable_rate,
)
from control.stats.sequential import log_e_absolute


def at_least(errors: int, requests: int, rate: float) -> float:
    return sum(
        comb(requests, k) * rate**k * (1 - rate) ** (requests - k)
        for k in range(errors, requests + 1)
    )


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
