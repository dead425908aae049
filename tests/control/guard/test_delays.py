"""control/guard/delays.py: limits on quantiles of time."""

from __future__ import annotations

import pytest

from control.guard import delays
from control.guard.finding import Finding, rule
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell, Sums
from control.words.verdict import Judgement, Standing
from tests.control.guard.cases import case, cell, limit, question, sums, times

PASS, FAIL, OPEN = Standing.PASS, Standing.FAIL, Standing.INCONCLUSIVE
MS, S = 1_000, 1_000_000

P95 = limit(Metric.LATENCY_P95, Side.OVER, "1s")
P99 = limit(Metric.LATENCY_P99, Side.OVER, "1s")
FIRST = limit(Metric.TTFT_P95, Side.OVER, "1s")
COMPARED = limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "1.5x")
ANCHORS = {COMPARED.key: 1.5}


def served(count: int, slow: int, *, slow_us: int = 3 * S, errors: int = 0) -> Sums:
    """So many answers of 0.5 s, and slow ones, and failures; all of them streams."""
    latency = times(500 * MS, count, (slow_us, slow))
    return sums(count + slow + errors, errors, latency=latency, ttft=latency)


def find(asked: Limit, *cells: Cell, anchors: dict[str, float] | None = None) -> Finding:
    return delays.find(
        case(*cells, anchors=ANCHORS if anchors is None else anchors), question(asked)
    )


def judged(asked: Limit, *cells: Cell) -> Judgement:
    return rule(question(asked), find(asked, *cells))


FAST = cell(served(980, 20), served(9_800, 200))
SLOW = cell(served(850, 150), served(9_800, 200))
FAILING = cell(served(850, 0, errors=150), served(9_800, 200))
BOTH_SLOW = cell(served(800, 200), served(8_000, 2_000))
FEW = cell(served(10, 0), served(100, 2))
NONE = cell(served(0, 0), served(9_800, 200))


@pytest.mark.parametrize(
    ("asked", "standings"),
    [
        #           fast  slow  failing both  few   none
        (P95, (PASS, FAIL, FAIL, FAIL, OPEN, OPEN)),
        (FIRST, (PASS, FAIL, FAIL, FAIL, OPEN, OPEN)),
        (COMPARED, (PASS, FAIL, FAIL, PASS, OPEN, OPEN)),
    ],
    ids=lambda asked: asked.key if isinstance(asked, Limit) else "",
)
def test_what_each_limit_makes_of_a_candidate(
    asked: Limit, standings: tuple[Standing, ...]
) -> None:
    cells = (FAST, SLOW, FAILING, BOTH_SLOW, FEW, NONE)
    for here, standing in zip(cells, standings, strict=True):
        assert judged(asked, here).standing is standing, (asked.key, cells.index(here))


def test_a_candidate_slower_than_the_baseline_and_within_the_limit_passes() -> None:
    within = cell(served(0, 1_000, slow_us=1_400 * MS), served(9_000, 0))
    assert judged(COMPARED, within).standing is PASS
    beyond = cell(served(0, 1_000, slow_us=1_600 * MS), served(9_000, 0))
    assert judged(COMPARED, beyond).standing is FAIL


def test_against_the_baseline_the_weaker_of_two_tests_counts() -> None:
    working = find(COMPARED, BOTH_SLOW).working
    assert working.log_e < 0  # the bound alone would fail both
    assert find(limit(Metric.LATENCY_P95, Side.OVER, "1.5s"), BOTH_SLOW).working.log_e > 100
    assert working.notes[2] == "and 1.5 times the baseline's; the weaker evidence counts:"


def test_without_an_anchor_nothing_is_compared() -> None:
    judgement = rule(question(COMPARED), find(COMPARED, SLOW, anchors={}))
    assert judgement.standing is OPEN
    assert "too little was measured of the baseline" in judgement.sentence


def test_p99_is_not_passed_before_it_is_bounded() -> None:
    some = judged(P99, cell(served(500, 0)))
    assert some.standing is OPEN
    assert some.sentence.endswith("500 requests are too few to bound latency_p99.")
    assert judged(P99, cell(served(2_000, 0))).standing is PASS


def test_a_breach_says_the_quantile_and_the_slow_share() -> None:
    assert judged(P95, SLOW).sentence.startswith(
        "latency_p95 over 1s: the candidate's p95 is 3.01 s; 150 of 1,000 requests (15.0 %) "
        "failed or took over 1.00 s, 5 % are allowed to; by chance this happens less than once in"
    )
    assert "failed or had no token after 1.00 s" in judged(FIRST, SLOW).sentence
    compared = judged(COMPARED, SLOW).sentence
    assert "the candidate's p95 is 3.01 s, the baseline's 502 ms; 150 of 1,000" in compared
    assert "failed or took over 1.50 s, 2.0 % of the baseline's; by chance" in compared


def test_where_everything_failed_there_is_no_quantile_to_say() -> None:
    down = judged(P95, cell(served(0, 0, errors=400), served(9_800, 200)))
    assert down.standing is FAIL
    assert down.candidate is None
    assert "of the candidate's 400 of 400 requests (100.0 %) failed" in down.sentence


def test_figures_are_in_seconds() -> None:
    judgement = judged(P95, FAST)
    assert judgement.candidate == pytest.approx(0.5, rel=0.01)
    assert judgement.baseline == pytest.approx(0.5, rel=0.01)
    assert judgement.bound == 1.0
    assert judgement.samples == 1_000
    assert judgement.interval is not None
    assert judgement.interval[0] == pytest.approx(0.5, rel=0.01)


def test_against_the_baseline_the_interval_is_the_ratios() -> None:
    judgement = judged(COMPARED, SLOW)
    assert judgement.bound == 1.5
    assert judgement.ratio == pytest.approx(6, rel=0.02)
    assert judgement.interval is not None
    assert judgement.interval == pytest.approx((6, 6), rel=0.03)


def test_a_comparison_needs_baseline_traffic_beside_it() -> None:
    assert "no baseline traffic" in judged(COMPARED, cell(served(1_000, 0))).sentence


@pytest.mark.parametrize(
    ("metric", "name", "noun"),
    [
        (Metric.LATENCY_P50, "p50", "requests"),
        (Metric.LATENCY_P99, "p99", "requests"),
        (Metric.TTFT_P95, "p95", "streams"),
    ],
)
def test_each_metric_knows_its_quantile(metric: Metric, name: str, noun: str) -> None:
    assert (delays.DELAYS[metric].name, delays.DELAYS[metric].noun) == (name, noun)
