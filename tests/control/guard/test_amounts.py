"""control/guard/amounts.py: figures in words."""

from __future__ import annotations

from math import log

import pytest

from control.guard import amounts
from control.words.criteria import Metric


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (Metric.ERROR_RATE, 0.0499, "5.0 %"),
        (Metric.AVAILABILITY, 1.0, "100.0 %"),
        (Metric.TRUNCATION_RATE, 0.0, "0.0 %"),
        (Metric.ERROR_RATE, 0.00032, "0.032 %"),
        (Metric.LATENCY_P95, 1.236, "1.24 s"),
        (Metric.TTFT_P50, 0.0804, "80.4 ms"),
        (Metric.TTFT_P50, 0.9996, "1.000 s"),
        (Metric.LATENCY_P99, 1_234.4, "1,234 s"),
        (Metric.COST_PER_REQUEST, 0.0123, "0.0123 USD"),
        (Metric.COST_PER_REQUEST, 0.0000123, "0.0000123 USD"),
        (Metric.COST_PER_REQUEST, 0.0, "0 USD"),
        (Metric.TOKENS_PER_REQUEST, 1_240.2, "1,240 tokens"),
        (Metric.QUALITY, 0.9123, "0.912"),
    ],
)
def test_each_metric_has_its_unit(metric: Metric, value: float, text: str) -> None:
    assert amounts.amount(metric, value) == text


def test_a_part_is_told_with_its_percent_where_there_is_one() -> None:
    assert amounts.of(37, 742, "requests") == "37 of 742 requests (5.0 %)"
    assert amounts.of(68, 6_690) == "68 of 6,690 (1.0 %)"
    assert amounts.of(0, 0) == "0 of 0"


def test_points_have_a_sign() -> None:
    assert amounts.points(0.02) == "+2.0 pp"
    assert amounts.points(-0.005) == "-0.50 pp"
    assert amounts.points(0.0025) == "+0.25 pp"
    assert amounts.points(0.0) == "+0.0 pp"


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (12_345, "less than once in 12,000 migrations"),
        (199.9, "less than once in 190 migrations"),
        (7.9, "less than once in 7 migrations"),
        (2e9, "less than once in a billion migrations"),
    ],
)
def test_odds_have_two_digits_and_are_never_exaggerated(times: float, text: str) -> None:
    assert amounts.odds(log(times)) == text
