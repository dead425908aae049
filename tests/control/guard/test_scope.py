"""control/guard/scope.py: which limits can be tested."""

from __future__ import annotations

import pytest

from control.guard.scope import untestable
from control.words.criteria import Limit, Metric, Side
from tests.control.guard.cases import limit


@pytest.mark.parametrize(
    "tested",
    [
        limit(Metric.ERROR_RATE, Side.OVER, "2%"),
        limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "1.25x"),
        limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "2pp"),
        limit(Metric.AVAILABILITY, Side.UNDER, "99.5%"),
        limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "0.99x"),
        limit(Metric.LATENCY_P95, Side.OVER, "1s"),
        limit(Metric.TTFT_P99, Side.OVER_BASELINE, "1.5x"),
        limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02"),
        limit(Metric.TOKENS_PER_REQUEST, Side.UNDER, "100"),
        limit(Metric.TOKENS_PER_REQUEST, Side.UNDER_BASELINE, "0.5x"),
        limit(Metric.TRUNCATION_RATE, Side.OVER, "3%"),
        limit(Metric.QUALITY, Side.UNDER, "0.9"),
        limit(Metric.QUALITY, Side.UNDER_BASELINE, "5pp"),
        limit(Metric.QUALITY, Side.UNDER_BASELINE, "0.95x"),
    ],
    ids=lambda tested: tested.key,
)
def test_every_limit_of_the_interface_has_a_test(tested: Limit) -> None:
    assert untestable(tested) is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (limit(Metric.ERROR_RATE, Side.UNDER, "2%"), "over or over_baseline"),
        (limit(Metric.LATENCY_P95, Side.UNDER_BASELINE, "2x"), "over or over_baseline"),
        (limit(Metric.QUALITY, Side.OVER, "0.9"), "under or under_baseline"),
        (limit(Metric.AVAILABILITY, Side.OVER, "99%"), "under or under_baseline"),
        (limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "5pp"), "it is in x"),
        (limit(Metric.COST_PER_REQUEST, Side.OVER_BASELINE, "5pp"), "it is in x"),
        (limit(Metric.ERROR_RATE, Side.OVER, "0%"), "between 0 and 100 percent"),
        (limit(Metric.ERROR_RATE, Side.OVER, "100%"), "between 0 and 100 percent"),
        (limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "0pp"), "between 0 and 100 percent"),
        (limit(Metric.LATENCY_P50, Side.OVER, "0s"), "more than 0"),
        (limit(Metric.COST_PER_REQUEST, Side.OVER, "0"), "more than 0"),
        (limit(Metric.LATENCY_P50, Side.OVER, "3601s"), "longer than the hour"),
        (limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "0x"), "at most 100"),
        (limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "101x"), "at most 100"),
        (limit(Metric.QUALITY, Side.UNDER_BASELINE, "1x"), "better than the baseline's"),
    ],
    ids=lambda asked: asked.key if isinstance(asked, Limit) else "",
)
def test_what_cannot_be_tested_is_said_with_its_reason(asked: Limit, why: str) -> None:
    assert why in (untestable(asked) or "")
