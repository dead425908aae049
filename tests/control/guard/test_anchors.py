"""control/guard/anchors.py: frozen bounds."""

from __future__ import annotations

import pytest

from control.guard import anchored
from control.words.criteria import Metric, Side
from control.words.evidence import Cell
from tests.control.guard.cases import QUARTER, RELATIVE, cell, course, evidence, limit, sums, times

MS = 1_000
P50 = limit(Metric.LATENCY_P50, Side.OVER_BASELINE, "2x")
P95 = limit(Metric.TTFT_P95, Side.OVER_BASELINE, "1.5x")
P99 = limit(Metric.LATENCY_P99, Side.OVER_BASELINE, "1.5x")
ODD = limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "5pp")
PLAIN = limit(Metric.LATENCY_P95, Side.OVER, "1s")
PLAN = course(P50, P95, P99, ODD, PLAIN, RELATIVE)


def of_baseline(count: int, ms: int = 400, quarter: int = QUARTER) -> Cell:
    some = times(ms * MS, count)
    return cell(sums(10), sums(count, latency=some, ttft=some), quarter=quarter)


def test_each_limit_on_time_against_the_baseline_gets_its_factor_times_the_quantile() -> None:
    found = anchored(PLAN, evidence(of_baseline(1_000)))
    assert found == pytest.approx({P50.key: 0.8, P95.key: 0.6, P99.key: 0.6}, rel=0.01)


@pytest.mark.parametrize(
    ("count", "known"),
    [
        (0, set()),
        (99, set()),
        (100, {P50.key}),
        (120, {P50.key, P95.key}),
        (599, {P50.key, P95.key}),
    ],
)
def test_a_quantile_that_few_samples_tell_is_left_out(count: int, known: set[str]) -> None:
    assert set(anchored(PLAN, evidence(of_baseline(count)))) == known


def test_only_the_last_day_tells() -> None:
    old, new = of_baseline(5_000, ms=4_000), of_baseline(200, quarter=QUARTER + 96)
    assert anchored(course(P50), evidence(old, new))[P50.key] == pytest.approx(0.8, rel=0.01)


def test_nothing_measured_freezes_nothing() -> None:
    assert anchored(PLAN, evidence()) == {}
