"""control/guard/dismissal.py: what a dismissed limit is held against, and when it fails again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from control.guard import explain, judge
from control.guard.dismissal import said, until, widened
from control.guard.intervals import Interval
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell, Evidence
from control.words.verdict import Judgement, Standing
from proxy.policy import ArmName
from tests.control.guard.cases import (
    ABSOLUTE,
    RELATIVE,
    cell,
    course,
    evidence,
    limit,
    moment,
    sums,
    times,
)

TIME = limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "1.5x")
QUALITY = limit(Metric.QUALITY, Side.UNDER, "0.9")


@pytest.mark.parametrize(
    ("of", "seen", "number"),
    [
        (ABSOLUTE, (0.05, 0.07), 0.1),  # twice the better end of what was seen
        (ABSOLUTE, (0.01, 0.07), 0.04),  # never less than twice the limit
        (ABSOLUTE, (None, None), 0.04),
        (ABSOLUTE, None, 0.04),
        (ABSOLUTE, (0.7, 1.0), 0.99),
        (RELATIVE, (3.0, 5.0), 6.0),
        (limit(side=Side.OVER_BASELINE, written="90x"), (95.0, None), 100.0),
        (limit(side=Side.OVER_BASELINE, written="2pp"), (0.05, 0.09), 0.1),
        (limit(Metric.LATENCY_P95, Side.OVER, "1s"), (2.0, 2.5), 4.0),
        (limit(Metric.LATENCY_P95, Side.OVER, "2000s"), (2_100.0, None), 3_600.0),
        (limit(Metric.AVAILABILITY, Side.UNDER, "99%"), (0.90, 0.96), 0.92),
        (limit(Metric.AVAILABILITY, Side.UNDER, "99%"), (0.10, 0.30), 0.01),
        (limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "0.99x"), (-0.08, -0.04), 0.92),
        (limit(Metric.AVAILABILITY, Side.UNDER_BASELINE, "1pp"), (-0.08, -0.04), 0.08),
        (QUALITY, (0.7, 0.8), 0.6),
        (QUALITY, (0.7, None), 0.8),
        (limit(Metric.QUALITY, Side.UNDER_BASELINE, "0.95x"), (0.8, 0.9), 0.8),
        (limit(Metric.COST_PER_REQUEST, Side.OVER, "0.02"), (0.03, 0.04), 0.06),
        (limit(Metric.COST_PER_REQUEST, Side.UNDER, "0.02"), (0.01, 0.012), 0.006),
        (limit(Metric.TOKENS_PER_REQUEST, Side.UNDER_BASELINE, "0.5x"), (0.3, None), 0.25),
    ],
)
def test_a_dismissed_limit_is_twice_as_far_as_what_was_dismissed(
    of: Limit, seen: Interval | None, number: float
) -> None:
    wider = widened(of, seen)
    assert wider.number == pytest.approx(number)
    assert (wider.key, wider.on_fail) == (of.key, of.on_fail)


@pytest.mark.parametrize(
    ("of", "mark"),
    [
        (ABSOLUTE, "2.0 %"),
        (RELATIVE, "1.25x"),
        (limit(side=Side.OVER_BASELINE, written="2pp"), "2.0 pp"),
        (limit(Metric.LATENCY_P95, Side.OVER, "1s"), "1.00 s"),
    ],
)
def test_the_sentence_begins_with_what_it_is_held_against(of: Limit, mark: str) -> None:
    assert said(of) == f"dismissed, and since then held against {mark}: "


def test_what_came_before_is_of_earlier_epochs_scores_too() -> None:
    whole = evidence(
        cell(epoch=5),
        cell(epoch=8),
        scores={ArmName.CANDIDATE: (0.1, 0.2, 0.3)},
        score_epochs={ArmName.CANDIDATE: (5, 8, 5)},
    )
    before = until(whole, 8)
    assert [each.epoch for each in before.cells] == [5]
    assert before.scores == {ArmName.CANDIDATE: (0.1, 0.3)}
    assert before.score_epochs == {ArmName.CANDIDATE: (5, 5)}


def arms(epoch: int, rate: float, requests: int = 2_000) -> Cell:
    """A cell in which so large a part of the candidate's requests failed, and 1 % of the others."""
    candidate = sums(requests, round(rate * requests))
    return cell(candidate, sums(requests, requests // 100), epoch=epoch, quarter=1_000 + epoch)


def judged(of: Limit, *cells: Cell, dismissed: tuple[int, ...]) -> Judgement:
    at = replace(moment(5), dismissed={of.key: dismissed} if dismissed else {})
    (judgement,) = judge(course(of), evidence(*cells), moment=at).judgements
    return judgement


@pytest.mark.parametrize("of", [ABSOLUTE, RELATIVE], ids=lambda of: of.key)
def test_what_was_dismissed_and_stays_as_bad_fails_no_more(of: Limit) -> None:
    cells = arms(5, 0.06), arms(8, 0.06, 20_000)
    assert judged(of, *cells, dismissed=()).standing is Standing.FAIL
    assert judged(of, *cells, dismissed=(8,)).standing is Standing.PASS


@pytest.mark.parametrize("of", [ABSOLUTE, RELATIVE], ids=lambda of: of.key)
def test_what_gets_clearly_worse_fails_again(of: Limit) -> None:
    judgement = judged(of, arms(5, 0.06), arms(8, 0.25), dismissed=(8,))
    assert judgement.standing is Standing.FAIL
    assert judgement.sentence.startswith(f"{of.key}: dismissed, and since then held against ")
    assert judgement.samples == 2_000


def test_a_second_dismissal_is_of_what_came_after_the_first() -> None:
    cells = arms(5, 0.06), arms(8, 0.25), arms(9, 0.25, 20_000)
    assert judged(ABSOLUTE, *cells, dismissed=(8,)).standing is Standing.FAIL
    assert judged(ABSOLUTE, *cells, dismissed=(8, 9)).standing is Standing.PASS


def test_good_times_before_do_not_dilute_what_was_dismissed() -> None:
    """A day of good traffic, then a step at 20 %: that is what was dismissed, not the mean."""
    good, bad, later = arms(5, 0.01, 100_000), arms(6, 0.2), arms(8, 0.2, 20_000)
    at = replace(moment(5, 6), dismissed={ABSOLUTE.key: (8,)})
    (judgement,) = judge(course(ABSOLUTE), evidence(good, bad, later), moment=at).judgements
    assert judgement.standing is Standing.PASS


def test_three_failures_that_were_dismissed_do_not_blind_the_limit() -> None:
    few = cell(sums(4, 4), epoch=5)
    assert judged(ABSOLUTE, few, dismissed=()).standing is Standing.FAIL
    assert judged(ABSOLUTE, few, arms(8, 0.9, 50), dismissed=(8,)).standing is Standing.FAIL


def slow(epoch: int, seconds: float) -> Cell:
    ours, theirs = times(round(seconds * 1e6), 2_000), times(1_000_000, 2_000)
    return cell(sums(2_000, latency=ours), sums(2_000, latency=theirs), epoch=epoch)


def timed(*cells: Cell) -> Judgement:
    at = replace(moment(5, anchors={TIME.key: 1.5}), dismissed={TIME.key: (8,)})
    (judgement,) = judge(course(TIME), evidence(*cells), moment=at).judgements
    return judgement


def test_a_bound_on_time_moves_with_its_limit() -> None:
    assert timed(slow(5, 2.0), slow(8, 2.1)).standing is Standing.PASS
    assert timed(slow(5, 2.0), slow(8, 9.0)).standing is Standing.FAIL


def test_quality_is_of_answers_that_were_given_since() -> None:
    def scored(later: float) -> Evidence:
        return evidence(
            scores={ArmName.CANDIDATE: (0.7,) * 500 + (later,) * 500},
            score_epochs={ArmName.CANDIDATE: (5,) * 500 + (8,) * 500},
        )

    at = replace(moment(5), dismissed={QUALITY.key: (8,)})
    fails = [
        judge(course(QUALITY), scored(later), moment=at).judgements[0].standing is Standing.FAIL
        for later in (0.7, 0.1)
    ]
    assert fails == [False, True]


def test_the_arithmetic_shown_is_the_one_that_counts() -> None:
    at = replace(moment(5), dismissed={ABSOLUTE.key: (8,)})
    seen = evidence(arms(5, 0.06), arms(8, 0.06))
    (one,) = explain(course(ABSOLUTE), seen, None, moment=at)
    assert [each.epoch for each in one.cells] == [8]
    assert [each.epoch for each in one.starts] == [8]
    assert "dismissed, and since then held against" in one.lines[1]
