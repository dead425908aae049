"""What follows when a limit fails: each consequence, deadlines, dwells, the cool-down."""

from __future__ import annotations

import msgspec
import pytest

from control.migration import steering
from control.migration.breaches import COOL_DOWN_S, WINDOW_S
from control.migration.change import Actor
from control.migration.ledger import Cause, Phase, State, Verb
from control.migration.progress import Stage
from control.words.criteria import Limit, OnFail
from control.words.steps import Course, Occasion
from control.words.verdict import Standing
from tests.control.journeys import STATES
from tests.control.ramps import (
    BEGAN_S,
    ERRORS,
    RELATIVE,
    STEPS,
    at,
    breach,
    changed,
    course,
    failing,
    frozen,
    judged,
    limit,
    looked,
    progress,
    ramp,
    stands,
    verdict,
)

STEP_BACK = limit(OnFail.STEP_BACK)
HOLD = limit(OnFail.HOLD)
WARN = limit(OnFail.WARN)
DUE = limit(within_s=3_600.0, page=True)


def stages(known: State) -> dict[str, Stage]:
    return {each.limit: each.stage for each in progress(known).breaches}


def test_a_breach_rolls_back_at_once_latched_and_with_its_sentence() -> None:
    change = changed(ramp(1), failing(), 10.0, version=7)
    assert stands(change.state) == (Phase.DEGRADED, Cause.ROLLED_BACK, 0)
    assert change.state.entry.latched
    assert change.state.route.split.since == 7
    assert (change.verb, change.actor, change.occasion) == (
        *(Verb.ROLLBACK, Actor.GUARD),
        Occasion.ROLLED_BACK,
    )
    assert change.sentence == "The candidate failed 5.0 % of 500 requests."
    assert change.state.entry.reason == f"RolledBack: {change.sentence}"
    assert change.evidence == {
        "weight_before": "10",
        "weight_after": "0",
        "cause": "RolledBack",
        "step": "2/3",
        "limit": "error_rate over 2%",
        "standing": "fail",
        "log_e": "5.25",
        "threshold": "4.6",
        "alpha": "0.01",
        "baseline": "0.01",
        "candidate": "0.05",
        "baseline_samples": "9900",
        "samples": "500",
    }


@pytest.mark.parametrize(
    "name",
    [
        *("by hand", "by hand, paused", "first step", "soaking", "paused", "awaiting approval"),
        *("stale", "stepped back", "rejected", "frozen", "done"),
    ],
)
def test_a_rollback_happens_wherever_the_candidate_has_traffic(name: str) -> None:
    known = _with(STATES[name], limit(number=0.5, written="50%"))
    change = changed(known, failing(limit(number=0.5, written="50%")), 10.0)
    assert (change.phase, change.verb) == (Phase.DEGRADED, Verb.ROLLBACK)


@pytest.mark.parametrize(
    "name", ["new", "by hand, at 0", "stepped back to 0", "rolling back", "degraded"]
)
def test_without_traffic_there_is_nothing_to_guard(name: str) -> None:
    assert looked(_with(STATES[name], ERRORS), failing(), 10.0) is None


def _with(known: State, *limits: Limit) -> State:
    whole = msgspec.structs.replace(known.entry.course, limits=limits)
    return State(entry=msgspec.structs.replace(known.entry, course=whole), route=known.route)


def test_what_has_ended_is_guarded_for_a_day() -> None:
    assert changed(STATES["done"], failing(), WINDOW_S).verb is Verb.ROLLBACK
    assert looked(STATES["done"], failing(), WINDOW_S + 1) is None


def test_a_deadline_that_runs_past_the_day_is_kept() -> None:
    due = WINDOW_S + 600
    opened = breach(Stage.OPEN, DUE, due_s=BEGAN_S + due)
    ended = ramp(2, Phase.HEALTHY, Cause.COMPLETED, of=course(DUE), breaches=(opened,))
    assert looked(ended, failing(DUE), due - 1) is None
    assert changed(ended, failing(DUE), due).state.entry.latched


def test_a_weight_from_before_there_was_progress_is_guarded() -> None:
    known = ramp(None, of=course(WARN))
    old = State(entry=msgspec.structs.replace(known.entry, progress=None), route=known.route)
    assert stages(changed(old, failing(WARN), 10.0).state) == {WARN.key: Stage.DONE}


def test_a_step_back_leads_to_the_previous_weight_and_waits_for_a_person() -> None:
    change = changed(ramp(1, of=course(STEP_BACK)), failing(STEP_BACK), 10.0, version=7)
    assert stands(change.state) == (Phase.PAUSED, Cause.STEPPED_BACK, 100)
    assert (change.verb, change.occasion) == (Verb.STEP_BACK, Occasion.PAUSED)
    told = progress(change.state)
    assert (told.step, told.acted_at_s) == (0, BEGAN_S + 10)
    assert looked(change.state, failing(STEP_BACK), 10_000.0) is None


def test_a_hold_keeps_the_weight_and_waits_for_a_person() -> None:
    change = changed(ramp(1, of=course(HOLD)), failing(HOLD), 10.0)
    assert stands(change.state) == (Phase.PAUSED, Cause.BREACH, 1_000)
    assert (change.verb, change.occasion) == (Verb.HOLD, Occasion.PAUSED)
    assert looked(change.state, failing(HOLD), 10_000.0) is None


def test_a_hold_leaves_a_persons_pause_and_what_has_ended() -> None:
    for name in ("paused", "done"):
        known = _with(STATES[name], HOLD)
        change = changed(known, failing(HOLD), 10.0)
        assert stands(change.state) == stands(known)
        assert stages(change.state) == {HOLD.key: Stage.DONE}


def test_a_warning_is_told_once_in_a_step() -> None:
    change = changed(ramp(of=course(WARN)), failing(WARN), 10.0)
    assert (change.verb, change.occasion) == (Verb.NOTICE, Occasion.BREACH)
    assert stands(change.state) == stands(ramp())
    assert change.state.route == ramp().route
    assert looked(change.state, failing(WARN), 20.0) is None
    promoted = steering.promote(change.state, at(BEGAN_S + 30, 8))
    assert changed(promoted, failing(WARN), 40.0).verb is Verb.NOTICE


def test_a_limit_that_pages_wakes_somebody() -> None:
    pages = limit(OnFail.WARN, page=True)
    assert changed(ramp(of=course(pages)), failing(pages), 10.0).page
    assert not changed(ramp(of=course(WARN)), failing(WARN), 10.0).page


def test_a_deadline_freezes_the_ramp_at_once_and_keeps_the_weight() -> None:
    change = changed(ramp(1, of=course(DUE)), failing(DUE), 10.0)
    assert stands(change.state) == (Phase.PAUSED, Cause.BREACH, 1_000)
    assert (change.verb, change.occasion, change.page) == (Verb.HOLD, Occasion.BREACH, True)
    assert change.sentence == (
        "The candidate failed 5.0 % of 500 requests. In 1h follows a rollback, unless "
        "jane@example.com dismisses it."
    )
    (opened,) = progress(change.state).open_breaches
    assert opened.due_s == BEGAN_S + 10 + 3_600


@pytest.mark.parametrize(
    ("on_fail", "said", "after"),
    [
        (OnFail.ROLLBACK, "a rollback", (Phase.DEGRADED, Cause.ROLLED_BACK, 0)),
        (OnFail.STEP_BACK, "a step back", (Phase.PAUSED, Cause.STEPPED_BACK, 100)),
        (OnFail.HOLD, "a hold", (Phase.PAUSED, Cause.BREACH, 1_000)),
        (OnFail.WARN, "nothing", (Phase.PAUSED, Cause.BREACH, 1_000)),
    ],
)
def test_at_the_deadline_it_happens_by_itself(
    on_fail: OnFail, said: str, after: tuple[Phase, Cause, int]
) -> None:
    due = limit(on_fail, within_s=3_600.0)
    stands_still = changed(ramp(1, of=course(due)), failing(due), 10.0)
    assert f"follows {said}, unless" in stands_still.sentence
    assert looked(stands_still.state, failing(due), 3_609.0) is None
    acts = changed(stands_still.state, verdict(judged(due)), 3_610.0)
    assert stands(acts.state) == after
    assert stages(acts.state) == {due.key: Stage.DONE}
    assert acts.sentence == "The candidate failed 5.0 % of 500 requests."


def test_a_deadline_acts_also_where_the_guard_has_nothing_to_say_any_more() -> None:
    acts = changed(frozen(), verdict(judged(RELATIVE)), 3_600.0)
    assert acts.phase is Phase.DEGRADED
    assert acts.evidence["limit"] == ERRORS.key
    assert "log_e" not in acts.evidence


def test_a_dismissed_breach_has_no_consequence_in_its_step() -> None:
    dismissed = steering.dismiss(frozen(), at(BEGAN_S + 60, 5, "a known outage"))
    assert dismissed.entry.phase is Phase.PROGRESSING
    for after_s in (61.0, 120.0):
        assert looked(dismissed, verdict(judged(standing=Standing.INCONCLUSIVE)), after_s) is None


def test_a_dismissed_breach_that_gets_worse_has_its_consequence_and_its_deadline() -> None:
    """Its limit fails again only where it is clearly worse than what was dismissed."""
    dismissed = steering.dismiss(frozen(of=course(DUE)), at(BEGAN_S + 60, 5, "a known outage"))
    again = changed(dismissed, failing(DUE), 120.0, version=6)
    assert (again.phase, again.cause, again.page) == (Phase.PAUSED, Cause.BREACH, True)
    (opened,) = progress(again.state).open_breaches
    assert (opened.due_s, opened.epochs) == (BEGAN_S + 120 + 3_600, (5,))
    twice = steering.dismiss(again.state, at(BEGAN_S + 180, 7, "still known"))
    assert progress(twice).dismissed == {DUE.key: (5, 7)}


def test_a_breach_that_was_dismissed_before_epochs_were_kept_stays_so() -> None:
    known = ramp(breaches=(breach(Stage.DISMISSED),))
    assert looked(known, failing(), 10.0) is None


def test_a_dismissed_breach_is_asked_about_again_in_the_next_step() -> None:
    dismissed = steering.dismiss(frozen(), at(BEGAN_S + 60, 5, "a known outage"))
    promoted = steering.promote(dismissed, at(BEGAN_S + 70, 6))
    assert changed(promoted, failing(), 80.0).phase is Phase.DEGRADED


def test_a_freeze_leaves_a_persons_pause() -> None:
    known = _with(STATES["paused"], DUE)
    change = changed(known, failing(DUE), 10.0)
    assert stands(change.state) == stands(known)
    assert (change.verb, change.occasion) == (Verb.NOTICE, Occasion.BREACH)
    assert stages(change.state) == {DUE.key: Stage.OPEN}


@pytest.mark.parametrize("name", ["stale", "without traffic", "awaiting approval"])
def test_a_freeze_takes_the_place_of_a_pause_that_would_end_by_itself(name: str) -> None:
    change = changed(_with(STATES[name], DUE), failing(DUE), 10.0)
    assert change.cause is Cause.BREACH


def test_the_hardest_consequence_comes_first() -> None:
    rolls = limit(number=0.5, written="50%")
    known = ramp(1, of=course(WARN, limit(OnFail.STEP_BACK, written="3%"), rolls))
    assert changed(known, failing(*known.entry.course.limits), 10.0).verb is Verb.ROLLBACK


def test_others_follow_one_at_a_look() -> None:
    other = limit(OnFail.WARN, written="3%")
    known = ramp(of=course(WARN, other))
    first = changed(known, failing(WARN, other), 10.0)
    second = changed(first.state, failing(WARN, other), 11.0)
    assert stages(second.state) == {WARN.key: Stage.DONE, other.key: Stage.DONE}
    assert looked(second.state, failing(WARN, other), 12.0) is None


def test_one_step_back_or_hold_at_a_time() -> None:
    other = limit(OnFail.STEP_BACK, written="3%")
    known = ramp(2, Phase.SOAKING, of=course(STEP_BACK, other))
    first = changed(known, failing(STEP_BACK, other), 10.0)
    assert first.state.route.split.share == 1_000
    assert looked(first.state, failing(STEP_BACK, other), 9.0 + COOL_DOWN_S) is None
    second = changed(first.state, failing(STEP_BACK, other), 10.0 + COOL_DOWN_S)
    assert second.state.route.split.share == 100


def test_a_clock_that_was_set_back_lengthens_no_cool_down() -> None:
    known = ramp(of=course(HOLD), acted_at_s=BEGAN_S + 3_600)
    assert changed(known, failing(HOLD), 10.0).verb is Verb.HOLD


def test_a_rollback_waits_for_no_cool_down() -> None:
    known = ramp(1, acted_at_s=BEGAN_S)
    assert changed(known, failing(), 1.0).verb is Verb.ROLLBACK


def test_a_limit_against_the_baseline_that_is_kept_does_nothing() -> None:
    says = verdict(judged(), judged(RELATIVE, Standing.INCONCLUSIVE))
    assert looked(ramp(of=course(ERRORS, RELATIVE)), says, 10.0) is None


def test_a_judgement_that_is_of_no_limit_of_the_course_does_nothing() -> None:
    assert looked(ramp(None, of=Course(steps=STEPS)), failing(), 10.0) is None
