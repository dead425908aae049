"""control/guard/reach.py: what a step can find."""

from __future__ import annotations

import pytest

from control.guard.reach import Detectable, Outing, detectable
from control.words.criteria import Limit, Metric, Side
from tests.control.guard.cases import ABSOLUTE, RELATIVE, limit, question

ONE_PERCENT = Outing(requests=20_000, candidate=200, error_rate=0.01)
HALF = Outing(requests=20_000, candidate=10_000, error_rate=0.01)
ALL = Outing(requests=20_000, candidate=20_000, error_rate=0.01)
P95 = limit(Metric.LATENCY_P95, Side.OVER, "1s")
WORSE = limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "1x")


def reach(asked: Limit, outing: Outing, weight: float = 1.0) -> Detectable:
    found = detectable(question(asked), outing, weight)
    assert found is not None
    return found


def test_the_page_s_example_a_one_percent_step_sees_five_percent_and_not_two() -> None:
    found = reach(WORSE, ONE_PERCENT)
    assert found.found == pytest.approx(0.055, abs=0.007)
    assert found.missed == pytest.approx(0.02)
    assert found.sentence.startswith("sees 1.0 % -> 5.")
    assert found.sentence.endswith("errors, not 1.0 % -> 2.0 %")


@pytest.mark.parametrize(
    "asked",
    [
        RELATIVE,
        ABSOLUTE,
        limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "2pp"),
        limit(Metric.AVAILABILITY, Side.UNDER, "98%"),
        limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "1pp"),
        limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "0.99x"),
        P95,
        limit(Metric.TTFT_P99, Side.OVER_BASELINE, "1.5x"),
    ],
    ids=lambda asked: asked.key,
)
def test_more_requests_see_more_and_a_start_of_less_weight_sees_less(asked: Limit) -> None:
    few, many, spread = reach(asked, ONE_PERCENT), reach(asked, HALF), reach(asked, HALF, 0.05)
    assert few.found is not None
    assert many.found is not None
    assert spread.found is not None
    assert many.usual < many.found < spread.found < few.found


def test_times_are_told_as_slow_requests() -> None:
    found = reach(P95, ONE_PERCENT)
    assert found.usual == pytest.approx(0.05)
    assert found.missed is None
    assert found.sentence.endswith("% slow requests, where 5 % may be")


def test_at_a_hundred_percent_nothing_is_compared() -> None:
    assert reach(RELATIVE, ALL).found is None
    assert reach(RELATIVE, ALL).sentence == "sees no rise of errors"
    assert reach(ABSOLUTE, ALL).found is not None


def test_without_candidate_requests_nothing_is_seen() -> None:
    nobody = Outing(requests=100, candidate=0, error_rate=0.01)
    assert reach(P95, nobody).sentence == "sees no rise of slow requests"


def test_a_small_rise_that_is_found_leaves_nothing_to_say_of_smaller_ones() -> None:
    huge = Outing(requests=2_000_000, candidate=1_000_000, error_rate=0.01)
    found = reach(WORSE, huge)
    assert found.missed is None
    assert "not" not in found.sentence


@pytest.mark.parametrize(
    "asked",
    [
        limit(Metric.QUALITY, Side.UNDER, "0.9"),
        limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02"),
        limit(Metric.TRUNCATION_RATE, Side.OVER, "2%"),
        limit(Metric.ERROR_RATE, Side.UNDER, "2%"),
    ],
    ids=lambda asked: asked.key,
)
def test_other_limits_are_not_forecast(asked: Limit) -> None:
    assert detectable(question(asked), HALF, 1.0) is None
