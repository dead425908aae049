"""control/guard/judging.py: all limits at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from control.guard import judge
from control.words.criteria import Limit, Metric, OnFail, Side
from control.words.evidence import Evidence, Keys
from control.words.steps import Course
from control.words.verdict import Standing, Verdict
from proxy.policy import ArmName
from tests.control.guard.cases import (
    ABSOLUTE,
    NOON,
    RELATIVE,
    cell,
    course,
    evidence,
    limit,
    moment,
    sums,
    times,
)

ODD = limit(Metric.ERROR_RATE, Side.UNDER, "2%", OnFail.WARN)
LIMITS = (
    ABSOLUTE,
    RELATIVE,
    limit(Metric.AVAILABILITY, Side.UNDER, "95%"),
    limit(Metric.LATENCY_P95, Side.OVER, "2s"),
    limit(Metric.TTFT_P50, Side.OVER, "2s"),
    limit(Metric.COST_PER_REQUEST, Side.OVER, "1"),
    limit(Metric.TOKENS_PER_REQUEST, Side.OVER, "500"),
    limit(Metric.TRUNCATION_RATE, Side.OVER, "9%"),
    limit(Metric.QUALITY, Side.UNDER, "0.5"),
)
SECOND = times(1_000_000, 9_900)
HEALTHY = sums(
    10_000,
    100,
    priced=9_900,
    cost_usd=99.0,
    cost_squares=1.2,
    with_usage=9_900,
    tokens=990_000,
    tokens_squares=1.2e8,
    length_stops=99,
    latency=SECOND,
    ttft=SECOND,
)
SCORES = {ArmName.CANDIDATE: (0.9, 0.8) * 500}


def judged(plan: Course, seen: Evidence, *, now_s: float = NOON, step_since: int = 5) -> Verdict:
    return judge(plan, seen, moment=moment(step_since=step_since, now_s=now_s))


def test_every_limit_is_judged_in_the_order_of_the_file() -> None:
    verdict = judged(course(*LIMITS), evidence(cell(HEALTHY, HEALTHY), scores=SCORES))
    assert tuple(each.limit for each in verdict.judgements) == LIMITS
    assert {each.standing for each in verdict.judgements} == {Standing.PASS}
    assert verdict.standing is Standing.PASS
    assert sum(each.alpha for each in verdict.judgements) == pytest.approx(0.05)


def test_every_judgement_has_a_sentence_that_begins_with_its_limit() -> None:
    verdict = judged(course(*LIMITS), evidence(cell(HEALTHY, HEALTHY)))
    for each in verdict.judgements:
        assert each.sentence.startswith(f"{each.limit.key}: ")
        assert each.sentence.endswith(".")


@pytest.mark.parametrize("asked", LIMITS, ids=lambda asked: asked.key)
def test_no_data_passes_no_limit(asked: Limit) -> None:
    for seen in (evidence(fresh_at_s=None), evidence(), evidence(cell(None, HEALTHY))):
        verdict = judged(course(asked), seen)
        assert verdict.judgements[0].standing is Standing.INCONCLUSIVE
        assert verdict.standing is Standing.INCONCLUSIVE
        assert verdict.waiting


@pytest.mark.parametrize("asked", LIMITS, ids=lambda asked: asked.key)
def test_old_data_passes_no_limit(asked: Limit) -> None:
    seen = evidence(cell(HEALTHY, HEALTHY), scores=SCORES)
    verdict = judged(course(asked), seen, now_s=NOON + 31)
    assert verdict.judgements[0].standing is Standing.INCONCLUSIVE
    assert verdict.waiting == "nothing was measured for 31s"
    assert verdict.fresh_s == 31


def test_a_live_worker_that_reports_nothing_passes_no_limit_and_is_named() -> None:
    seen = replace(
        evidence(cell(HEALTHY, HEALTHY), scores=SCORES), heard={"a": NOON - 1, "b": NOON - 45}
    )
    verdict = judged(course(*LIMITS), seen)
    assert {each.standing for each in verdict.judgements} == {Standing.INCONCLUSIVE}
    assert verdict.silent == "worker b is live but has reported no measurements for 45s"
    assert (verdict.waiting, verdict.fresh_s) == (verdict.silent, 45)


def test_a_worker_that_is_a_little_late_is_not_silent() -> None:
    seen = replace(evidence(cell(HEALTHY, HEALTHY)), heard={"a": NOON - 30})
    verdict = judged(course(ABSOLUTE), seen)
    assert (verdict.standing, verdict.silent, verdict.fresh_s) == (Standing.PASS, None, 0)


def test_old_data_still_fails() -> None:
    verdict = judged(course(ABSOLUTE), evidence(cell(sums(1_000, 500))), now_s=NOON + 99)
    assert verdict.standing is Standing.FAIL


def test_without_limits_a_step_still_needs_its_requests() -> None:
    assert judged(course(), evidence(cell(sums(299)))).standing is Standing.INCONCLUSIVE
    assert judged(course(), evidence(cell(sums(300)))).standing is Standing.PASS


def test_the_requests_are_the_steps_own() -> None:
    seen = evidence(cell(sums(300), epoch=5), cell(sums(40), epoch=6))
    verdict = judged(course(), seen, step_since=6)
    assert verdict.requests == 40
    assert verdict.waiting == "the candidate had 40 of the 300 requests that a step needs"


def test_what_cannot_be_tested_is_open_and_says_so() -> None:
    (judgement,) = judged(course(ODD), evidence(cell(HEALTHY, HEALTHY))).judgements
    assert judgement.standing is Standing.INCONCLUSIVE
    assert (
        "error_rate is worse when it is higher: write over or over_baseline" in judgement.sentence
    )


def test_a_clock_that_lags_makes_nothing_younger_than_new() -> None:
    assert judged(course(), evidence(fresh_at_s=NOON + 5)).fresh_s == 0
    assert judged(course(), evidence(fresh_at_s=None)).fresh_s is None


def test_a_wrong_split_is_told_beside_the_judgements() -> None:
    keys = [Keys(epoch=5, share=1_000, candidate=900, baseline=100)]
    assert judged(course(), evidence(keys=keys)).split_suspect is not None
    assert judged(course(), evidence(keys=keys), step_since=6).split_suspect is None


def test_evidence_goes_on_from_step_to_step() -> None:
    bad = sums(60, 6)
    cells = [cell(bad, sums(540, 5), epoch=epoch, quarter=1_000 + epoch) for epoch in (5, 6, 7)]
    plan = course(RELATIVE, alpha=0.01)
    one = judge(plan, evidence(*cells), moment=moment(7, step_since=7))
    all_three = judge(plan, evidence(*cells), moment=moment(5, 6, 7, step_since=7))
    assert all_three.judgements[0].evidence > one.judgements[0].evidence
    assert all_three.judgements[0].samples == 180
