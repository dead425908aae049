"""Numbers and times, short enough for a column."""

from __future__ import annotations

import pytest

from control.cli.figures import between, evidence, figure, percent, to_the_second
from control.words.criteria import Metric


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (Metric.ERROR_RATE, 0.0125, "1.25%"),
        (Metric.AVAILABILITY, 0.999, "99.90%"),
        (Metric.TRUNCATION_RATE, 0, "0.00%"),
        (Metric.LATENCY_P95, 0.4124, "412ms"),
        (Metric.TTFT_P50, 1.5, "1.50s"),
        (Metric.COST_PER_REQUEST, 0.02, "$0.020"),
        (Metric.COST_PER_REQUEST, 0.000042, "$0.000042"),
        (Metric.TOKENS_PER_REQUEST, 1_234.6, "1,235"),
        (Metric.QUALITY, 0.9, "0.900"),
        (Metric.QUALITY, None, "-"),
    ],
)
def test_a_figure_has_its_metrics_unit(metric: Metric, value: float | None, text: str) -> None:
    assert figure(metric, value) == text


def test_a_side_that_is_not_bounded_is_a_question() -> None:
    assert between((0.8, 2.113)) == "0.80..2.11"
    assert between((0.8, None)) == "0.80..?"
    assert between((None, None)) == ""
    assert between((None, 0.021), Metric.ERROR_RATE) == "?..2.10%"


@pytest.mark.parametrize(
    ("seen", "threshold", "text"),
    [
        (None, 4.6, "0 %"),
        (-3.0, 4.6, "0 %"),
        (2.3, 4.6, "50 %"),
        (5.06, 4.6, "110 %"),
        (1e9, 4.6, "999 %"),
        (1.0, 0.0, "0 %"),
    ],
)
def test_evidence_is_a_part_of_what_a_breach_takes(
    seen: float | None, threshold: float, text: str
) -> None:
    assert evidence(seen, threshold) == text


def test_small_things() -> None:
    assert (percent(10), percent(0.25)) == ("10 %", "0.25 %")
    assert to_the_second("2026-01-02T03:04:05.678Z") == "01-02T03:04:05"
