"""Numbers of criteria have one reading, and the wrong unit is told which one is right."""

from __future__ import annotations

import pytest

from control.files import thresholds
from control.files.problems import Wrong
from control.words.criteria import Metric, Scale

PLAIN = [
    (Metric.ERROR_RATE, "2%", 0.02),
    (Metric.AVAILABILITY, "99.95 %", 0.9995),
    (Metric.TRUNCATION_RATE, "0%", 0.0),
    (Metric.LATENCY_P95, "500ms", 0.5),
    (Metric.TTFT_P99, "1.5s", 1.5),
    (Metric.COST_PER_REQUEST, "0.02", 0.02),
    (Metric.TOKENS_PER_REQUEST, "1500", 1_500.0),
    (Metric.QUALITY, "0.90", 0.9),
    (Metric.QUALITY, "1", 1.0),
]
NOT_PLAIN = [
    (Metric.ERROR_RATE, "0.02", "is not a percent"),
    (Metric.ERROR_RATE, "2", "is not a percent"),
    (Metric.ERROR_RATE, "-2%", "is not a percent"),
    (Metric.ERROR_RATE, "101%", "is more than 100 percent"),
    (Metric.LATENCY_P50, "1", "is not a duration"),
    (Metric.LATENCY_P50, "1%", "is not a duration"),
    (Metric.COST_PER_REQUEST, "2%", "is not a number"),
    (Metric.COST_PER_REQUEST, "1e3", "is not a number"),
    (Metric.TOKENS_PER_REQUEST, "1k", "is not a number"),
    (Metric.QUALITY, "90%", "is not a number"),
    (Metric.QUALITY, "90", "is not a score from 0 to 1"),
]


@pytest.mark.parametrize(("metric", "text", "number"), PLAIN)
def test_each_metric_has_its_unit(metric: Metric, text: str, number: float) -> None:
    assert thresholds.plain(metric, text) == pytest.approx(number)


@pytest.mark.parametrize(("metric", "text", "said"), NOT_PLAIN)
def test_another_unit_is_refused(metric: Metric, text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said) as refused:
        thresholds.plain(metric, text)
    assert refused.value.hint is not None


@pytest.mark.parametrize(
    ("text", "number", "scale"),
    [("1.25x", 1.25, Scale.FACTOR), ("2 x", 2.0, Scale.FACTOR), ("5pp", 0.05, Scale.POINTS)],
)
def test_against_the_baseline_a_number_is_times_or_points(
    text: str, number: float, scale: Scale
) -> None:
    assert thresholds.relative(text) == (pytest.approx(number), scale)


@pytest.mark.parametrize("text", ["5%", "5", "1s", "x", "-5pp", "1.25 times"])
def test_a_percentage_of_a_percentage_is_refused(text: str) -> None:
    with pytest.raises(Wrong, match="percentage" if "%" in text else "neither") as refused:
        thresholds.relative(text)
    assert "1.25x, 5pp" in str(refused.value.hint)
