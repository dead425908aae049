"""control/guard/shares.py: the budget of false alarms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.guard.shares import parts, shares, weight
from control.words.criteria import Limit, Metric, Side
from tests.control.guard.cases import limit

EXAMPLE = (  # the migration file of the interfaces page
    limit(Metric.ERROR_RATE, Side.OVER, "2%"),
    limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "1.25x"),
    limit(Metric.LATENCY_P95, Side.OVER, "1s"),
    limit(Metric.TTFT_P95, Side.OVER_BASELINE, "1.5x"),
    limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02"),
    limit(Metric.QUALITY, Side.UNDER, "0.9"),
    limit(Metric.QUALITY, Side.UNDER_BASELINE, "5pp"),
)


def test_failures_and_times_get_twice_what_means_and_truncation_get() -> None:
    assert [weight(each) for each in EXAMPLE] == [2, 2, 2, 2, 1, 1, 1]
    assert weight(limit(Metric.TRUNCATION_RATE)) == 1
    assert parts(EXAMPLE) == 11


def test_the_example_shares_out_its_five_percent() -> None:
    found = shares(EXAMPLE, 0.05)
    assert found["error_rate over 2%"] == pytest.approx(0.05 * 2 / 11)
    assert found["quality under 0.9"] == pytest.approx(0.05 / 11)


def test_a_limit_alone_has_all_of_it() -> None:
    assert shares(EXAMPLE[:1], 0.05) == {"error_rate over 2%": 0.05}
    assert shares((), 0.05) == {}


@given(st.sets(st.sampled_from(EXAMPLE), min_size=1), st.floats(0.001, 0.5))
def test_the_shares_of_any_limits_are_the_whole(limits: set[Limit], alpha: float) -> None:
    assert sum(shares(limits, alpha).values()) == pytest.approx(alpha)
