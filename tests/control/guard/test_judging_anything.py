"""Whatever was measured, judge answers, and its standing follows from its evidence."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control.guard import anchored, explain, judge
from control.guard.case import Moment
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell, Evidence, Sums
from control.words.steps import Course
from control.words.verdict import Standing
from proxy.numbers.histogram import HIGHEST_US
from proxy.policy import ArmName
from tests.control.guard.cases import NOON, course, evidence, limit, sums, times

LIMITS = (
    limit(Metric.ERROR_RATE, Side.OVER, "2%"),
    limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "40x"),
    limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "2pp"),
    limit(Metric.AVAILABILITY, Side.UNDER, "99.99%"),
    limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "0.99x"),
    limit(Metric.LATENCY_P50, Side.OVER, "3600s"),
    limit(Metric.LATENCY_P99, Side.OVER_BASELINE, "1.5x"),
    limit(Metric.TTFT_P95, Side.OVER_BASELINE, "0.5x"),
    limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02"),
    limit(Metric.TOKENS_PER_REQUEST, Side.UNDER_BASELINE, "0.8x"),
    limit(Metric.TRUNCATION_RATE, Side.OVER_BASELINE, "3x"),
    limit(Metric.QUALITY, Side.UNDER, "0.9"),
    limit(Metric.QUALITY, Side.UNDER_BASELINE, "5pp"),
)
scores = st.lists(st.floats(0, 1), max_size=30).map(tuple)


@st.composite
def arms(draw: st.DrawFn) -> Sums:
    good, errors = draw(st.integers(0, 5_000)), draw(st.integers(0, 500))
    each = draw(st.floats(0, 1e6))
    us = st.integers(0, HIGHEST_US)
    return sums(
        good + errors,
        errors,
        length_stops=draw(st.integers(0, 6_000)),
        priced=good,
        cost_usd=good * each,
        cost_squares=good * each * each * draw(st.floats(1, 2)),
        with_usage=good,
        tokens=round(good * each),
        tokens_squares=good * each * each,
        latency=times(draw(us), good),
        ttft=times(draw(us), draw(st.integers(0, 6_000))),
    )


@st.composite
def anything(draw: st.DrawFn) -> Evidence:
    places = st.tuples(st.integers(900, 1_000), st.integers(0, 9))
    cells = [
        Cell(epoch=epoch, quarter=quarter, candidate=draw(arms()), baseline=draw(arms()))
        for quarter, epoch in sorted(draw(st.sets(places, max_size=4)))
    ]
    given_scores = {arm: draw(scores) for arm in ArmName}
    return evidence(*cells, fresh_at_s=draw(st.sampled_from([None, NOON])), scores=given_scores)


def plan() -> Course:
    return course(*LIMITS)


@given(anything(), st.lists(st.integers(0, 9), max_size=3), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_judge_answers_and_its_standings_follow_from_the_evidence(
    seen: Evidence, starts: list[int], step_since: int
) -> None:
    anchors = anchored(plan(), seen)
    moment = Moment(anchors=anchors, starts=starts, step_since=step_since, now_s=NOON)
    verdict = judge(plan(), seen, moment=moment)
    assert tuple(each.limit for each in verdict.judgements) == LIMITS
    for each in verdict.judgements:
        assert isfinite(each.evidence)
        assert (each.standing is Standing.FAIL) == (each.evidence >= each.threshold)
        if seen.fresh_at_s is None:
            assert each.standing is not Standing.PASS


@given(anything(), st.sampled_from(LIMITS))
@settings(max_examples=30, deadline=None)
def test_whatever_is_judged_can_be_explained(seen: Evidence, asked: Limit) -> None:
    moment = Moment(anchors=anchored(plan(), seen), starts=(), step_since=0, now_s=NOON)
    (one,) = explain(plan(), seen, asked.key, moment=moment)
    assert one.lines[0] == asked.key


COMPARED = [each for each in LIMITS if each.side.relative and each.metric is not Metric.TTFT_P95]


@pytest.mark.parametrize("asked", COMPARED, ids=lambda asked: asked.key)
def test_equal_arms_breach_no_comparison(asked: Limit) -> None:
    same = sums(
        5_000,
        500,
        length_stops=300,
        with_usage=4_500,
        tokens=450_000,
        tokens_squares=6e7,
        latency=times(900_000, 4_500),
        ttft=times(100_000, 4_500),
    )
    seen = evidence(
        Cell(epoch=5, quarter=1_000, candidate=same, baseline=same),
        scores=dict.fromkeys(ArmName, (0.2, 0.9) * 200),
    )
    moment = Moment(anchors=anchored(course(asked), seen), starts=(5,), step_since=5, now_s=NOON)
    verdict = judge(course(asked), seen, moment=moment)
    assert verdict.standing is not Standing.FAIL
