"""Where a ramp stands, out of its entry, its verdict and the time."""

from __future__ import annotations

from math import inf

import msgspec
import pytest

from control.desk.outlook import (
    Breached,
    Current,
    breached,
    current,
    observed,
    percent,
    planned,
    shown_test,
    weights,
)
from control.migration.ledger import Entry, Phase
from control.migration.progress import Breach, Progress, Stage
from control.words.criteria import Metric, OnFail
from control.words.evidence import Cell, Evidence, Sums
from control.words.steps import Course, Gate, Step
from control.words.verdict import Standing, Verdict
from tests.control.ramps import judged
from tests.control.ruled import WORSE
from tests.control.states import state

LIMIT = msgspec.structs.replace(WORSE, within_s=3_600.0)
COURSE = Course(
    steps=(
        Step(share=100, hold_s=300),
        Step(share=1_000, hold_s=600, gate=Gate.APPROVE),
        Step(share=10_000, hold_s=28_800, soak=True, holdback=100),
    ),
    limits=(LIMIT,),
)
NOW_S = 1_000_000.0
JUDGEMENT = judged(LIMIT, evidence=-inf, interval=(0.8, None), sentence="so far so good")


def entry(phase: Phase = Phase.PROGRESSING, *, step: int | None = 1, **changed: object) -> Entry:
    progress = Progress(step=step, began_s=NOW_S - 300, running_since_s=NOW_S - 200, held_s=50)
    return msgspec.structs.replace(
        state(phase=phase).entry,
        course=COURSE,
        progress=msgspec.structs.replace(progress, **changed),
    )


def now(entry: Entry, requests: int = 0) -> Current:
    found = current(entry, Verdict(requests=requests), NOW_S)
    assert found is not None
    return found


def test_percents_are_whole_where_they_can_be() -> None:
    assert (weights(1_000).baseline, weights(1_025).candidate) == (90, 10.25)
    assert repr(percent(1_000)) == "10"


def test_the_schedule_is_shown_in_advance() -> None:
    told = planned(COURSE.steps)
    assert [(step.index, step.weight, step.hold_s, step.gate) for step in told] == [
        (1, 1, 300, None),
        (2, 10, 600, Gate.APPROVE),
        (3, 99, 28_800, None),
    ]
    assert (told[2].soak, told[2].holdback) == (True, 1)


def test_a_step_says_how_much_of_its_hold_is_left() -> None:
    step = now(entry(), requests=212)
    assert (step.index, step.of, step.weight, step.hold_s) == (2, 3, 10, 600)
    assert (step.hold_left_s, step.held) == (350, True)
    assert (step.requests, step.min_requests) == (212, 300)


def test_a_pause_stops_the_hold() -> None:
    step = now(entry(Phase.PAUSED, running_since_s=None))
    assert (step.hold_left_s, step.held) == (550, False)


def test_no_hold_is_shorter_than_nothing() -> None:
    assert now(entry(held_s=10_000.0)).hold_left_s == 0


@pytest.mark.parametrize(
    ("known", "waits"),
    [(entry(), True), (entry(approved=True), False), (entry(step=0), False)],
)
def test_a_gate_that_is_closed_is_waited_for_last(known: Entry, waits: bool) -> None:
    awaiting = now(known, requests=212).awaiting
    assert "212 of 300 requests" in awaiting
    assert (awaiting[-1] == "an approval") is waits


@pytest.mark.parametrize("phase", [Phase.HEALTHY, Phase.DEGRADED])
def test_what_is_over_is_at_no_step(phase: Phase) -> None:
    assert current(entry(phase), Verdict(), NOW_S) is None


def test_a_weight_set_by_hand_is_at_no_step() -> None:
    assert current(entry(step=None), Verdict(), NOW_S) is None
    assert current(state().entry, Verdict(), NOW_S) is None


def test_a_breach_says_when_it_acts_by_itself() -> None:
    open_ = Breach(
        limit=LIMIT.key, stage=Stage.OPEN, since_s=NOW_S - 60, due_s=NOW_S + 60, sentence="1.4x"
    )
    assert breached(entry(breaches=(open_,)), NOW_S) == (
        Breached(
            limit="error_rate over_baseline 1.25x",
            on_fail=OnFail.ROLLBACK,
            stage=Stage.OPEN,
            since="1970-01-12T13:45:40.000Z",
            deadline="1970-01-12T13:47:40.000Z",
            deadline_in_s=60.0,
            sentence="1.4x",
        ),
    )


def test_nothing_happens_by_itself_after_a_dismissal() -> None:
    dismissed = Breach(limit=LIMIT.key, stage=Stage.DISMISSED, since_s=NOW_S, due_s=NOW_S + 60)
    (told,) = breached(entry(breaches=(dismissed,)), NOW_S)
    assert (told.deadline, told.deadline_in_s) == (None, None)


def test_a_breach_of_a_limit_that_is_gone_warns() -> None:
    (told,) = breached(entry(breaches=(Breach(limit="x", stage=Stage.DONE, since_s=0.0),)), NOW_S)
    assert told.on_fail is OnFail.WARN
    assert breached(state().entry, NOW_S) == ()


def test_a_judgement_is_shown_in_the_words_of_its_limit() -> None:
    told = shown_test(JUDGEMENT)
    assert (told.limit, told.metric, told.written) == (LIMIT.key, Metric.ERROR_RATE, "1.25x")
    assert (told.on_fail, told.page, told.within_s) == (OnFail.ROLLBACK, True, 3_600.0)
    assert (told.standing, told.sentence) == (Standing.PASS, "so far so good")


def test_no_evidence_at_all_is_null_and_can_be_read_back() -> None:
    told = shown_test(JUDGEMENT)
    assert told.evidence is None
    assert msgspec.json.decode(msgspec.json.encode(told), type=type(told)) == told
    assert shown_test(msgspec.structs.replace(JUDGEMENT, evidence=2.5)).evidence == 2.5


def test_the_observed_share_is_of_what_counted_since_the_weight_was_set() -> None:
    evidence = Evidence(
        cells=(
            Cell(epoch=3, quarter=1, baseline=Sums(requests=1), candidate=Sums(requests=1)),
            Cell(epoch=4, quarter=1, baseline=Sums(requests=60), candidate=Sums(requests=5)),
            Cell(epoch=4, quarter=2, baseline=Sums(requests=30), candidate=Sums(requests=5)),
        )
    )
    assert observed(evidence, 4) == weights(1_000)
    assert observed(evidence, 5) is None
