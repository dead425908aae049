"""control/guard/rates.py: error_rate, availability, truncation_rate."""

from __future__ import annotations

import pytest

from control.guard import rates
from control.guard.finding import rule
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell
from control.words.verdict import Judgement, Standing
from tests.control.guard.cases import ABSOLUTE, RELATIVE, case, cell, limit, question, sums

PASS, FAIL, OPEN = Standing.PASS, Standing.FAIL, Standing.INCONCLUSIVE

BAD = cell(sums(742, 37), sums(6_690, 68))  # 5.0 % against 1.0 %
WORSE = cell(sums(742, 74), sums(6_690, 68))
GOOD = cell(sums(742, 8), sums(6_690, 68))
BOTH_BAD = cell(sums(1_000, 300), sums(9_000, 2_700))
FEW = cell(sums(12, 0), sums(100, 1))
NONE = cell(sums(0), sums(6_690, 68))
ALONE = cell(sums(5_000, 50), sums(0))

AVAILABILITY = limit(Metric.AVAILABILITY, Side.UNDER, "98%")
LESS_AVAILABLE = limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "2pp")
TIMES_AVAILABLE = limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "0.98x")
POINTS = limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "2pp")


def judged(asked: Limit, *cells: Cell) -> Judgement:
    put = question(asked)
    return rule(put, rates.find(case(*cells), put))


@pytest.mark.parametrize(
    ("asked", "standings"),
    [
        #                 worse good  both  few   none  alone
        (ABSOLUTE, (FAIL, PASS, FAIL, OPEN, OPEN, PASS)),
        (RELATIVE, (FAIL, PASS, PASS, OPEN, OPEN, OPEN)),
        (POINTS, (FAIL, PASS, PASS, OPEN, OPEN, OPEN)),
        (AVAILABILITY, (FAIL, PASS, FAIL, OPEN, OPEN, PASS)),
        (LESS_AVAILABLE, (FAIL, PASS, PASS, OPEN, OPEN, OPEN)),
        (TIMES_AVAILABLE, (FAIL, PASS, PASS, OPEN, OPEN, OPEN)),
    ],
    ids=lambda asked: asked.key if isinstance(asked, Limit) else "",
)
def test_what_each_limit_makes_of_a_candidate(
    asked: Limit, standings: tuple[Standing, ...]
) -> None:
    for here, standing in zip((WORSE, GOOD, BOTH_BAD, FEW, NONE, ALONE), standings, strict=True):
        assert judged(asked, here).standing is standing, here


def test_a_breach_against_the_baseline_says_both_arms() -> None:
    assert judged(RELATIVE, BAD).sentence.startswith(
        "error_rate over_baseline 1.25x: the candidate failed 37 of 742 requests (5.0 %), "
        "the baseline 68 of 6,690 (1.0 %); by chance this happens less than"
    )


def test_the_figures_are_in_the_metrics_own_unit() -> None:
    failing = judged(RELATIVE, BAD)
    assert failing.candidate == pytest.approx(37 / 742)
    assert failing.baseline == pytest.approx(68 / 6_690)
    assert failing.ratio == pytest.approx(4.906, rel=1e-3)
    assert failing.bound == pytest.approx(1.25 * 68 / 6_690)
    assert (failing.samples, failing.baseline_samples) == (742, 6_690)
    assert failing.interval is not None
    assert failing.interval[0] is not None
    assert failing.interval[0] > 1.25


def test_availability_is_what_did_not_fail() -> None:
    down = judged(AVAILABILITY, BAD)
    assert down.candidate == pytest.approx(1 - 37 / 742)
    assert down.bound == 0.98
    assert down.interval is not None
    low, high = down.interval
    assert low is not None
    assert high is not None
    assert low < 1 - 37 / 742 < high < 0.98


@pytest.mark.parametrize(
    ("asked", "bound"),
    [
        (POINTS, 68 / 6_690 + 0.02),
        (LESS_AVAILABLE, 1 - 68 / 6_690 - 0.02),
        (TIMES_AVAILABLE, 0.98 * (1 - 68 / 6_690)),
    ],
)
def test_a_bound_follows_the_baseline(asked: Limit, bound: float) -> None:
    assert judged(asked, BAD).bound == pytest.approx(bound)
    assert judged(asked, ALONE).bound is None


def test_a_difference_has_the_interval_of_a_difference() -> None:
    for asked, sign in ((POINTS, 1), (LESS_AVAILABLE, -1), (TIMES_AVAILABLE, -1)):
        interval = judged(asked, BAD).interval
        assert interval is not None
        low, high = interval
        assert low is not None
        assert high is not None
        assert low < sign * (37 / 742 - 68 / 6_690) < high


def test_truncation_is_of_answers() -> None:
    asked = limit(Metric.TRUNCATION_RATE, Side.OVER_BASELINE, "1.5x")
    short = cell(sums(742, 2, length_stops=74), sums(6_690, 10, length_stops=134))
    judgement = judged(asked, short)
    assert judgement.standing is FAIL
    assert "cut short 74 of 740 answers (10.0 %) at a token limit" in judgement.sentence
    fine = cell(sums(742, 200, length_stops=10), sums(6_690, 10, length_stops=134))
    assert judged(asked, fine).standing is PASS


def test_no_data_has_no_figures_and_one_sentence() -> None:
    judgement = judged(RELATIVE, NONE)
    assert judgement.candidate is None
    assert judgement.sentence == (
        "error_rate over_baseline 1.25x: the candidate had no requests in this step, "
        "and no data is no pass."
    )


def test_at_a_hundred_percent_a_relative_limit_goes_by_the_steps_before() -> None:
    after = cell(sums(5_000, 50), sums(0), epoch=6, quarter=1_001)
    assert judged(RELATIVE, GOOD, after).standing is PASS
    assert judged(RELATIVE, BAD, after).standing is FAIL
