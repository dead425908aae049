"""control/guard/case.py: which cells weigh, and where evidence starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from control.guard.case import SPARE_STARTS, STALE_S, STARTS_WITHOUT_STEPS, planned, prepare, silent
from control.words.steps import Course, Step
from proxy.policy import ArmName
from tests.control.guard.cases import ABSOLUTE, NOON, cell, course, evidence, moment, sums

SIX_HOURS = 24  # quarters


def test_cells_before_the_ramp_began_weigh_nowhere() -> None:
    cells = [cell(sums(1), epoch=epoch, quarter=epoch) for epoch in (3, 5, 7)]
    case = prepare(course(ABSOLUTE), evidence(*cells), moment(5, 7, step_since=7))
    assert [each.epoch for each in case.cells] == [5, 7]
    assert case.starts == (0, 1)


def test_without_starts_everything_weighs() -> None:
    cells = [cell(epoch=epoch, quarter=epoch) for epoch in (0, 3)]
    bare = moment()
    case = prepare(
        course(ABSOLUTE),
        evidence(*cells),
        type(bare)(anchors={}, starts=(), step_since=0, now_s=NOON),
    )
    assert len(case.cells) == 2
    assert case.starts == (0,)


def test_a_weight_set_between_two_steps_begins_no_start() -> None:
    cells = [cell(epoch=epoch, quarter=1_000) for epoch in (5, 6, 8)]
    case = prepare(course(ABSOLUTE), evidence(*cells), moment(5, 7))
    assert case.starts == (0, 2)


def test_a_start_comes_every_six_hours_of_the_clock() -> None:
    first = 41 * SIX_HOURS
    cells = [cell(quarter=first + at) for at in (20, 23, 24, 30, 47, 72)]
    assert prepare(course(ABSOLUTE), evidence(*cells), moment(5)).starts == (0, 2, 5)


def test_there_are_never_more_starts_than_the_course_plans() -> None:
    cells = [cell(quarter=at * SIX_HOURS) for at in range(20)]
    case = prepare(course(ABSOLUTE), evidence(*cells), moment(5))
    assert case.planned == 3 + 1 + SPARE_STARTS
    assert case.starts == tuple(range(case.planned))


@pytest.mark.parametrize(
    ("holds_s", "starts"),
    [((), STARTS_WITHOUT_STEPS), ((600.0,), 6), ((600.0, 21_600.0), 8), ((0.0,), 5)],
)
def test_the_course_alone_plans_the_starts(holds_s: tuple[float, ...], starts: int) -> None:
    steps = tuple(Step(share=100, hold_s=hold_s) for hold_s in holds_s)
    assert planned(Course(steps=steps)) == starts


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ({}, None),
        ({"a": NOON, "b": NOON - 30}, None),
        ({"a": NOON, "b": NOON - 31}, "worker b is live but has reported no measurements for 31s"),
        (
            {"a": NOON - 90, "b": NOON - 31},
            "2 of 2 live workers have reported no measurements for up to 1m30s (a, b)",
        ),
        (
            dict.fromkeys("abcde", NOON - 40) | {"f": NOON},
            "5 of 6 live workers have reported no measurements for up to 40s (a, b, c and 2 more)",
        ),
    ],
)
def test_live_workers_that_report_nothing_are_named(
    heard: dict[str, float], said: str | None
) -> None:
    assert silent(replace(evidence(), heard=heard), NOON) == said


def test_no_cells_have_no_starts() -> None:
    case = prepare(course(ABSOLUTE), evidence(), moment(5))
    assert (case.cells, case.starts, case.step_requests) == ((), (), 0)


def test_the_steps_requests_are_those_since_its_epoch() -> None:
    cells = [
        cell(sums(count), sums(9), epoch=epoch) for epoch, count in ((5, 10), (6, 20), (7, 40))
    ]
    case = prepare(course(ABSOLUTE), evidence(*cells), moment(5, 6, step_since=6))
    assert case.step_requests == 60


@pytest.mark.parametrize(
    ("fresh_at_s", "stale"),
    [
        (None, "nothing was ever measured"),
        (NOON - STALE_S - 1, "nothing was measured for 31s"),
        (NOON - STALE_S, None),
        (NOON + 5, None),
    ],
)
def test_old_measurements_are_told_by_their_age(
    fresh_at_s: float | None, stale: str | None
) -> None:
    case = prepare(course(ABSOLUTE), evidence(fresh_at_s=fresh_at_s), moment())
    assert case.stale == stale


def test_scores_of_answers_before_the_ramp_began_weigh_nowhere() -> None:
    told = evidence(
        scores={ArmName.CANDIDATE: (0.1, 0.9, 0.2, 0.8)},
        score_epochs={ArmName.CANDIDATE: (4, 5, 4, 6)},
    )
    case = prepare(course(ABSOLUTE), told, moment(5))
    assert case.scores == {ArmName.CANDIDATE: (0.9, 0.8), ArmName.BASELINE: ()}


def test_scores_whose_epochs_nobody_told_all_weigh() -> None:
    told = evidence(scores={ArmName.BASELINE: (0.1, 0.9)})
    assert prepare(course(ABSOLUTE), told, moment(5)).scores[ArmName.BASELINE] == (0.1, 0.9)
