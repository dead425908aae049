"""control/guard/lack.py: why nothing passes yet."""

from __future__ import annotations

import pytest

from control.guard import lack
from control.guard.counting import of_rate, rows
from control.guard.intervals import Interval
from control.words.criteria import Limit, Metric, Side
from tests.control.guard.cases import NOON, case, cell, limit, sums

COUNT = of_rate(Metric.ERROR_RATE)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "the candidate had no requests in this step, and no data is no pass"),
        (299, "the candidate had 299 of the 300 requests that a step needs"),
        (300, None),
    ],
)
def test_a_step_needs_its_requests(count: int, said: str | None) -> None:
    assert lack.of_count(count, 300) == said


def test_what_earlier_steps_had_does_not_count_for_this_one() -> None:
    cells = (cell(sums(5_000), sums(1), epoch=4), cell(sums(10), sums(90), epoch=5))
    assert "10 of the 300" in (lack.of_rows(case(*cells), rows(cells, COUNT)) or "")


def test_old_measurements_lack_before_anything_else() -> None:
    cells = (cell(sums(5_000), sums(1)),)
    assert "nothing was measured" in (
        lack.of_rows(case(*cells, now_s=NOON + 99), rows(cells, COUNT)) or ""
    )
    assert lack.of_rows(case(*cells), rows(cells, COUNT)) is None


@pytest.mark.parametrize(
    ("spared_at_s", "lacks"), [(None, False), (NOON - 61, False), (NOON - 60, True), (NOON, True)]
)
def test_workers_that_spare_the_candidate_hold_a_step_up_for_a_while(
    spared_at_s: float | None, lacks: bool
) -> None:
    assert (lack.of_workers(spared_at_s, NOON) is not None) is lacks


def test_a_comparison_needs_both_arms_side_by_side() -> None:
    apart = (cell(sums(100)), cell(None, sums(100), epoch=6))
    assert "no baseline traffic" in (lack.of_comparison(rows(apart, COUNT)) or "")
    assert lack.of_comparison(rows((cell(sums(1), sums(1)),), COUNT)) is None


COST = limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02")
RATIO = limit(Metric.COST_PER_REQUEST, Side.OVER_BASELINE, "1.2x")
QUALITY = limit(Metric.QUALITY, Side.UNDER, "0.9")
POINTS = limit(Metric.QUALITY, Side.UNDER_BASELINE, "5pp")


@pytest.mark.parametrize(
    ("asked", "interval", "said"),
    [
        (COST, (0.01, 0.02), None),
        (COST, (0.01, 0.021), "the mean lies between 0.0100 USD and 0.0210 USD"),
        (COST, (None, None), "the mean is not known yet"),
        (COST, None, "the mean is not known yet"),
        (RATIO, (0.5, 1.2), None),
        (RATIO, (0.5, None), "the ratio is 0.500x or more"),
        (COST, (None, 0.021), "the mean is 0.0210 USD or less"),
        (QUALITY, (0.9, 1.0), None),
        (QUALITY, (0.89, 1.0), "the mean lies between 0.890 and 1.000"),
        (POINTS, (-0.05, 0.1), None),
        (POINTS, (-0.06, 0.1), "the difference lies between -6.0 pp and +10.0 pp"),
    ],
)
def test_a_mean_passes_when_its_whole_interval_is_within_the_limit(
    asked: Limit, interval: Interval | None, said: str | None
) -> None:
    found = lack.of_interval(asked, interval)
    assert (found is None) == (said is None)
    assert (said or "") in (found or "")
