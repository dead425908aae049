"""Start, pause, resume, promote, dismiss: what becomes of the hold, the weight, the evidence."""

from __future__ import annotations

import pytest

from control.migration import steering, transitions
from control.migration.ledger import Cause, Phase, State
from control.migration.progress import Stage
from control.refusal import Code, DeskError
from control.words.criteria import OnFail
from control.words.steps import Course
from proxy.policy import Split
from tests.control.journeys import STATES, Act
from tests.control.ramps import (
    BEGAN_S,
    ERRORS,
    RELATIVE,
    at,
    breach,
    course,
    frozen,
    limit,
    pending,
    progress,
    ramp,
    stands,
)

LATER_S = BEGAN_S + 120


def test_a_start_begins_the_first_step() -> None:
    begun = steering.start(pending(), at(BEGAN_S, 5))
    assert stands(begun) == (Phase.PROGRESSING, Cause.STARTED, 100)
    assert begun.route.split.since == 5
    told = progress(begun)
    assert (told.step, told.held_s, told.running_since_s, told.starts) == (0, 0.0, BEGAN_S, (5,))


def test_a_start_after_a_weight_by_hand_begins_the_first_step_too() -> None:
    begun = steering.start(STATES["by hand"], at(BEGAN_S, 5))
    assert stands(begun) == (Phase.PROGRESSING, Cause.STARTED, 100)
    assert progress(begun).starts == (1, 5)


@pytest.mark.parametrize("name", ["first step", "soaking"])
def test_a_ramp_that_runs_is_not_started_again(name: str) -> None:
    assert steering.start(STATES[name], at(BEGAN_S)) is STATES[name]


def test_a_paused_ramp_is_not_started_but_resumed() -> None:
    with pytest.raises(DeskError, match="'resume triage' continues it") as refused:
        steering.start(STATES["paused"], at(BEGAN_S))
    assert refused.value.code is Code.RAMP_UNDERWAY


def test_without_steps_there_is_no_start() -> None:
    with pytest.raises(DeskError, match="add steps to its file") as refused:
        steering.start(pending(Course()), at(BEGAN_S))
    assert refused.value.code is Code.NO_STEPS


def test_a_pause_keeps_the_weight_and_what_was_held() -> None:
    paused = steering.pause(ramp(), at(LATER_S))
    assert stands(paused) == (Phase.PAUSED, Cause.MANUAL_PAUSE, 100)
    assert paused.route == ramp().route
    assert (progress(paused).held_s, progress(paused).running_since_s) == (120.0, None)


@pytest.mark.parametrize(
    "name", ["stale", "without traffic", "awaiting approval", "frozen", "frozen while soaking"]
)
def test_a_pause_that_would_end_without_a_person_becomes_a_persons(name: str) -> None:
    paused = steering.pause(STATES[name], at(LATER_S))
    assert paused.entry.cause is Cause.MANUAL_PAUSE
    assert progress(paused).breaches == progress(STATES[name]).breaches


@pytest.mark.parametrize("name", ["paused", "stepped back", "rejected", "with a suspect split"])
def test_pausing_what_a_person_has_to_resume_changes_nothing(name: str) -> None:
    assert steering.pause(STATES[name], at(LATER_S)) is STATES[name]


@pytest.mark.parametrize("name", ["paused", "stale"])
def test_a_resume_goes_on_with_the_hold_where_nothing_but_time_has_passed(name: str) -> None:
    resumed = steering.resume(STATES[name], at(LATER_S))
    assert stands(resumed) == (Phase.PROGRESSING, Cause.RESUMED, 100)
    assert progress(resumed).held(LATER_S + 10) == 70.0


@pytest.mark.parametrize(
    "went_on",
    [
        steering.resume(STATES["paused"], at(LATER_S, 5)),
        steering.resume(STATES["by hand, paused"], at(LATER_S, 5)),
        steering.dismiss(STATES["frozen"], at(LATER_S, 5, "a known outage")),
    ],
)
def test_whoever_lets_it_go_on_begins_a_weight_epoch_and_loses_no_request(went_on: State) -> None:
    assert went_on.route.split.since == 5
    assert (progress(went_on).since, progress(went_on).starts) == (1, (1,))


def test_a_resumed_soak_soaks() -> None:
    assert steering.resume(STATES["paused while soaking"], at(LATER_S)).entry.phase is Phase.SOAKING


@pytest.mark.parametrize("name", ["first step", "soaking"])
def test_resuming_what_runs_changes_nothing(name: str) -> None:
    assert steering.resume(STATES[name], at(LATER_S)) is STATES[name]


@pytest.mark.parametrize(
    ("share", "step", "weight"),
    [
        (0, 0, 100),  # nothing in force: the first step begins
        (50, 0, 100),
        (100, 0, 100),
        (999, 0, 999),
        (1_000, 1, 1_000),
        (2_000, 1, 2_000),  # between two steps: it stays, held as the lower one
        (9_900, 2, 9_900),
        (10_000, 2, 10_000),
    ],
)
def test_a_resume_goes_on_from_the_step_whose_weight_is_in_force(
    share: int, step: int, weight: int
) -> None:
    set_by_hand = transitions.set_share(ramp(1, share=1_500), share, at(BEGAN_S + 60, 4))
    resumed = steering.resume(set_by_hand, at(LATER_S, 5))
    assert (progress(resumed).step, resumed.route.split.share) == (step, weight)
    assert progress(resumed).held(LATER_S) == 0.0
    assert resumed.route.split.since >= 4  # requests count from the change by hand at the earliest


def test_a_resume_after_a_step_back_needs_a_reason_and_begins_anew() -> None:
    known = STATES["stepped back"]
    with pytest.raises(DeskError, match="going on after SteppedBack needs a reason") as refused:
        steering.resume(known, at(LATER_S))
    assert refused.value.code is Code.REASON_NEEDED
    resumed = steering.resume(known, at(LATER_S, 5, "the prompt is fixed"))
    assert stands(resumed) == (Phase.PROGRESSING, Cause.RESUMED, 100)
    told = progress(resumed)
    assert (told.breaches, told.starts, told.held(LATER_S)) == ((), (5,), 0.0)
    assert resumed.route.split.since == 5


def test_a_resume_after_a_step_back_to_0_begins_the_first_step() -> None:
    resumed = steering.resume(STATES["stepped back to 0"], at(LATER_S, 5, "fixed"))
    assert stands(resumed) == (Phase.PROGRESSING, Cause.RESUMED, 100)


def test_a_resume_after_a_hold_reads_no_old_evidence() -> None:
    resumed = steering.resume(STATES["held"], at(LATER_S, 5))
    assert stands(resumed) == (Phase.PROGRESSING, Cause.RESUMED, 1_000)
    assert (progress(resumed).starts, progress(resumed).breaches) == ((5,), ())


def test_a_resume_after_a_suspect_split_reads_no_old_evidence() -> None:
    resumed = steering.resume(STATES["with a suspect split"], at(LATER_S, 5))
    assert (progress(resumed).starts, resumed.route.split.since) == ((5,), 5)


def test_a_resume_waits_for_the_approval() -> None:
    with pytest.raises(DeskError, match="waits for 'approve' or 'reject'") as refused:
        steering.resume(STATES["awaiting approval"], at(LATER_S))
    assert refused.value.code is Code.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        (steering.resume, "frozen"),
        (steering.resume, "paused with a deadline"),
        (steering.promote, "frozen"),
        (steering.promote, "done, with a deadline"),
        (steering.start, "by hand, frozen"),
    ],
)
def test_nothing_goes_on_while_a_deadline_runs(verb: Act, name: str) -> None:
    with pytest.raises(DeskError, match="'dismiss triage' says") as refused:
        verb(STATES[name], at(LATER_S, 5, "because"))
    assert refused.value.code is Code.BREACH_OPEN
    assert ERRORS.key in refused.value.message


def test_a_weight_by_hand_is_resumed_as_it_is() -> None:
    known = STATES["by hand, paused"]
    resumed = steering.resume(known, at(LATER_S))
    assert stands(resumed) == (Phase.PROGRESSING, Cause.RESUMED, 1_000)


def test_a_weight_by_hand_is_resumed_without_the_evidence_that_held_it() -> None:
    holds = limit(OnFail.HOLD)
    known = ramp(
        None,
        Phase.PAUSED,
        Cause.BREACH,
        of=course(holds),
        breaches=(breach(Stage.DONE, holds),),
    )
    resumed = steering.resume(known, at(LATER_S, 5))
    assert (progress(resumed).starts, resumed.route.split.since) == ((5,), 5)


@pytest.mark.parametrize("name", ["by hand, at 0"])
def test_weight_0_without_a_ramp_cannot_be_resumed(name: str) -> None:
    with pytest.raises(DeskError, match="'start' or 'set weight' begins") as refused:
        steering.resume(STATES[name], at(LATER_S))
    assert refused.value.code is Code.NOT_RUNNING


def test_a_dismissal_lets_the_ramp_go_on_with_its_hold() -> None:
    dismissed = steering.dismiss(frozen(held_s=60.0), at(LATER_S, 5, "a known outage"))
    assert stands(dismissed) == (Phase.PROGRESSING, Cause.DISMISSED, 100)
    told = progress(dismissed)
    assert [(each.stage, each.due_s) for each in told.breaches] == [(Stage.DISMISSED, None)]
    assert told.held(LATER_S + 10) == 70.0
    assert told.dismissed == {ERRORS.key: (5,)}


@pytest.mark.parametrize("name", ["frozen", "paused with a deadline"])
def test_a_dismissal_begins_a_weight_epoch_and_the_steps_requests_count_on(name: str) -> None:
    known = STATES[name]
    dismissed = steering.dismiss(known, at(LATER_S, 5, "known"))
    assert dismissed.route.split == Split(share=known.route.split.share, since=5)
    assert dismissed.step_since == known.step_since


def test_a_dismissal_needs_a_reason() -> None:
    with pytest.raises(DeskError, match="dismissing a breach needs a reason") as refused:
        steering.dismiss(frozen(), at(LATER_S))
    assert refused.value.code is Code.REASON_NEEDED


def test_one_of_two_breaches_can_be_dismissed() -> None:
    both = (
        breach(Stage.OPEN, due_s=LATER_S),
        breach(Stage.OPEN, RELATIVE, due_s=LATER_S),
    )
    known = ramp(0, Phase.PAUSED, Cause.BREACH, of=course(ERRORS, RELATIVE), breaches=both)
    first = steering.dismiss(known, at(LATER_S, 5, "known"), RELATIVE.key)
    assert stands(first) == stands(known)
    assert [each.limit for each in progress(first).open_breaches] == [ERRORS.key]
    assert steering.dismiss(first, at(LATER_S, 6, "known")).entry.phase is Phase.PROGRESSING


def test_a_dismissal_does_not_end_a_persons_pause() -> None:
    dismissed = steering.dismiss(STATES["paused with a deadline"], at(LATER_S, 5, "known"))
    assert stands(dismissed) == (Phase.PAUSED, Cause.MANUAL_PAUSE, 100)
    assert progress(dismissed).open_breaches == ()


def test_a_dismissal_does_not_end_a_hold() -> None:
    holds = limit(OnFail.HOLD, written="3%", number=0.03)
    both = (breach(Stage.DONE, holds), breach(Stage.OPEN, due_s=LATER_S))
    known = ramp(0, Phase.PAUSED, Cause.BREACH, of=course(ERRORS, holds), breaches=both)
    dismissed = steering.dismiss(known, at(LATER_S, 5, "known"))
    assert dismissed.entry.phase is Phase.PAUSED


@pytest.mark.parametrize("of", [None, "quality under 0.9"])
def test_only_what_is_open_can_be_dismissed(of: str | None) -> None:
    known = frozen() if of else STATES["paused"]
    with pytest.raises(DeskError, match="no breach") as refused:
        steering.dismiss(known, at(LATER_S, 5, "known"), of)
    assert refused.value.code is Code.NO_OPEN_BREACH
