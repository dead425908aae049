"""control/guard/means.py: cost_per_request, tokens_per_request."""

from __future__ import annotations

import pytest

from control.guard import means
from control.guard.finding import Finding, rule
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell, Sums
from control.words.verdict import Judgement, Standing
from tests.control.guard.cases import case, cell, limit, question, sums

PASS, FAIL, OPEN = Standing.PASS, Standing.FAIL, Standing.INCONCLUSIVE

COST = limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02")
DEARER = limit(Metric.COST_PER_REQUEST, Side.OVER_BASELINE, "1.2x")
CHEAPER = limit(Metric.COST_PER_REQUEST, Side.UNDER, "0.01")
SHORTER = limit(Metric.TOKENS_PER_REQUEST, Side.UNDER_BASELINE, "0.8x")
LONGER = limit(Metric.TOKENS_PER_REQUEST, Side.OVER_BASELINE, "1.5x")


def spent(count: int, mean: float, spread: float = 0.5) -> Sums:
    """Requests whose cost (and tokens) have this mean, half of them so much above or below it."""
    squares = count * mean**2 * (1 + spread**2)
    tokens = 10_000 * mean
    return sums(
        count,
        priced=count,
        cost_usd=count * mean,
        cost_squares=squares,
        with_usage=count,
        tokens=round(count * tokens),
        tokens_squares=squares * 1e8,
    )


def find(asked: Limit, *cells: Cell) -> Finding:
    return means.find(case(*cells), question(asked))


def judged(asked: Limit, *cells: Cell) -> Judgement:
    return rule(question(asked), find(asked, *cells))


SAME = cell(spent(1_000, 0.015), spent(9_000, 0.015))
DEAR = cell(spent(1_000, 0.03), spent(9_000, 0.015))
CHEAP = cell(spent(1_000, 0.005), spent(9_000, 0.015))


@pytest.mark.parametrize(
    ("asked", "standings"),
    [
        #          same  dear  cheap
        (COST, (PASS, FAIL, PASS)),
        (DEARER, (PASS, FAIL, PASS)),
        (CHEAPER, (PASS, PASS, FAIL)),
        (SHORTER, (PASS, PASS, FAIL)),
        (LONGER, (PASS, FAIL, PASS)),
    ],
    ids=lambda asked: asked.key if isinstance(asked, Limit) else "",
)
def test_what_each_limit_makes_of_a_candidate(
    asked: Limit, standings: tuple[Standing, ...]
) -> None:
    for here, standing in zip((SAME, DEAR, CHEAP), standings, strict=True):
        assert judged(asked, here).standing is standing


def test_no_mean_passes_before_500_requests_and_a_bad_one_fails_before() -> None:
    early = judged(COST, cell(spent(499, 0.001)))
    assert early.standing is OPEN
    assert "a mean passes from 500 requests with a known price on" in early.sentence
    assert judged(COST, cell(spent(500, 0.001))).standing is PASS
    assert judged(COST, cell(spent(300, 0.05))).standing is FAIL


def test_the_baseline_needs_500_as_well() -> None:
    judgement = judged(DEARER, cell(spent(2_000, 0.015), spent(499, 0.015)))
    assert judgement.standing is OPEN
    assert "the baseline had 499 of the 500" in judgement.sentence


def test_a_mean_that_may_be_beyond_the_limit_is_open() -> None:
    judgement = judged(COST, cell(spent(1_000, 0.0199)))
    assert judgement.standing is OPEN
    assert "not yet shown to be within the limit: the mean" in judgement.sentence


def test_a_cost_that_rises_late_is_found() -> None:
    past = [cell(spent(2_000, 0.01), spent(2_000, 0.01), quarter=1_000 + at) for at in range(20)]
    dear = cell(spent(600, 0.03), spent(600, 0.01), quarter=1_032)  # six hours have begun
    for asked in (COST, DEARER):
        assert judged(asked, *past, dear).standing is FAIL
        assert find(asked, *past, dear).seen.candidate == pytest.approx(0.0103, rel=0.01)


def test_what_nobody_could_price_is_no_pass() -> None:
    judgement = judged(COST, cell(sums(5_000), spent(9_000, 0.01)))
    assert judgement.standing is OPEN
    assert judgement.candidate is None
    assert judgement.sentence == (
        "cost_per_request over 0.02: the candidate had no requests with a known price in this "
        "step, and no data is no pass."
    )


def test_the_sentence_has_both_means() -> None:
    sentence = judged(DEARER, DEAR).sentence
    assert "the candidate's mean is 0.0300 USD over 1,000 requests with a known price" in sentence
    assert "the baseline's 0.0150 USD; by chance" in sentence
    assert "with a known usage" in judged(LONGER, SAME).sentence
    assert "the baseline's" not in judged(DEARER, cell(spent(1_000, 0.03))).sentence


def test_figures_of_a_comparison_are_ratios() -> None:
    judgement = judged(DEARER, DEAR)
    assert judgement.ratio == pytest.approx(2)
    assert judgement.bound == pytest.approx(0.018)
    assert judgement.interval is not None
    low, high = judgement.interval
    assert low is not None
    assert high is not None
    assert 1.8 < low < 2 < high < 2.2
    assert judged(DEARER, cell(spent(1_000, 0.03))).bound is None


@pytest.mark.parametrize(("mean", "standing"), [(0.0199, PASS), (0.02, OPEN), (0.0201, FAIL)])
def test_requests_that_all_cost_the_same_are_judged_too(mean: float, standing: Standing) -> None:
    assert judged(COST, cell(spent(2_000, mean, spread=0.0))).standing is standing


def test_a_swing_of_costs_is_no_difference_though_the_weight_rose() -> None:
    """Plain means would be 0.0250 and 0.0143 USD."""
    night = cell(spent(1_000, 0.01), spent(9_000, 0.01), epoch=5)
    day = cell(spent(3_000, 0.03), spent(3_000, 0.03), epoch=6)
    judgement = judged(DEARER, night, day)
    assert judgement.standing is PASS
    assert judgement.ratio == pytest.approx(1)


def test_the_working_has_the_sums() -> None:
    notes = find(DEARER, DEAR).working.notes
    assert [note.split(":")[0] for note in notes if "squares" in note] == ["candidate", "baseline"]
    plain = find(COST, DEAR).working.notes
    assert [note.split(":")[0] for note in plain if "squares" in note] == ["candidate"]
