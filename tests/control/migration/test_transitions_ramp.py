"""A weight by hand, a rollback, a retry and an apply, where there is a ramp."""

from __future__ import annotations

import msgspec
import pytest

from control.migration import transitions
from control.migration.ledger import Cause, Phase, State
from control.migration.progress import Stage
from control.migration.transitions import register
from control.refusal import Code, DeskError
from control.words.steps import Course, Notify, Step
from proxy.policy import Edits
from tests.control.journeys import STATES
from tests.control.ramps import (
    BEGAN_S,
    RELATIVE,
    STEPS,
    at,
    breach,
    changed,
    course,
    failing,
    limit,
    progress,
    ramp,
)
from tests.control.states import stamp, state, wanted
from tests.proxy.routes import arm

SAME = None
PENDING = state()


@pytest.mark.parametrize(
    ("name", "share", "after"),
    [
        ("first step", 2_000, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("first step", 0, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("first step", 100, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("soaking", 5_000, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("stepped back", 1_000, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("done", 10_000, (Phase.HEALTHY, Cause.WEIGHT_SET)),
        ("done", 9_900, SAME),
        ("done", 5_000, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("done by hand", 10_000, SAME),
        ("done by hand", 5_000, (Phase.PROGRESSING, Cause.WEIGHT_SET)),
        ("done by hand", 0, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
        ("paused", 100, SAME),
        ("stale", 100, (Phase.PAUSED, Cause.MANUAL_PAUSE)),
    ],
)
def test_a_weight_by_hand_pauses_a_ramp(
    name: str, share: int, after: tuple[Phase, Cause] | None
) -> None:
    known = STATES[name]
    moved = transitions.set_share(known, share, at(BEGAN_S + 60, 7))
    if after is SAME:
        assert moved is known
        return
    assert ((moved.entry.phase, moved.entry.cause), moved.route.split.share) == (after, share)


def test_a_weight_by_hand_takes_the_hold_and_the_approval_away() -> None:
    known = ramp(1, approved=True, held_s=60.0, breaches=(breach(Stage.DISMISSED),))
    told = progress(transitions.set_share(known, 500, at(BEGAN_S + 60, 7)))
    assert (told.step, told.held_s, told.running_since_s, told.approved) == (1, 0.0, None, False)
    assert told.breaches == progress(known).breaches


def test_a_dismissal_is_forgotten_where_a_hand_raises_the_weight() -> None:
    known = ramp(None, cause=Cause.DISMISSED, breaches=(breach(Stage.DISMISSED),))
    raised = transitions.set_share(known, 5_000, at(BEGAN_S, 5))
    assert changed(raised, failing(), 60.0, version=6).state.entry.latched


def test_a_weight_by_hand_is_guarded_anew_by_what_stepped_back() -> None:
    both = (breach(Stage.DONE), breach(Stage.OPEN, RELATIVE, due_s=BEGAN_S + 600))
    for step in (0, None):
        known = ramp(step, Phase.PAUSED, Cause.STEPPED_BACK, breaches=both, anchors={"a": 1.0})
        told = progress(transitions.set_share(known, 2_000, at(BEGAN_S + 60, 7)))
        assert (told.step, told.starts, told.anchors) == (step, (7,), {})
        assert told.breaches == both[1:]


def test_other_edits_at_weight_0_start_the_evidence_anew() -> None:
    stopped = transitions.set_share(ramp(1), 0, at(BEGAN_S + 60, 7))
    edited = arm("gpt-4o-mini", edits=Edits(drop=("user",)))
    asked = msgspec.structs.replace(
        wanted(msgspec.structs.replace(stopped.route, candidate=edited)), course=course()
    )
    moved = register(stopped, asked, at(BEGAN_S + 120, 9), others=())
    assert (progress(moved).starts, progress(moved).step) == ((9,), 1)
    assert moved.route.candidate.edits == Edits(drop=("user",))


def test_the_first_weight_by_hand_begins_the_evidence() -> None:
    first = transitions.set_share(PENDING, 100, at(BEGAN_S, 7))
    assert (progress(first).step, progress(first).starts) == (None, (7,))
    second = transitions.set_share(first, 200, at(BEGAN_S + 60, 8))
    assert progress(second) == progress(first)


def test_a_rollback_keeps_what_was_known_and_a_retry_forgets_it() -> None:
    rolled = transitions.roll_back(ramp(1, held_s=60.0), at(BEGAN_S + 60, 7))
    assert (progress(rolled).step, progress(rolled).held_s) == (1, 120.0)
    assert progress(rolled).running_since_s is None
    assert transitions.retry(rolled, at(BEGAN_S + 61, 8)).entry.progress is None


def applied(known: State, of: Course, version: int = 9) -> State:
    asked = msgspec.structs.replace(wanted(known.route), course=of)
    return register(known, asked, at(BEGAN_S + 120, version), others=())


def test_a_new_migration_has_its_ramp() -> None:
    asked = msgspec.structs.replace(wanted(), course=course())
    known = register(None, asked, stamp(3), others=())
    assert (known.entry.course, known.entry.progress) == (course(), None)


@pytest.mark.parametrize("steps", [STEPS[:2], (*STEPS[:2], Step(share=6_000), STEPS[2])])
def test_steps_that_have_not_begun_can_change(steps: tuple[Step, ...]) -> None:
    moved = applied(ramp(1), course(steps=steps))
    assert (moved.entry.course.steps, moved.entry.progress) == (steps, ramp(1).entry.progress)
    assert moved.route == ramp(1).route


@pytest.mark.parametrize("steps", [(), STEPS[:1], STEPS[1:], (STEPS[0], Step(share=1_000))])
def test_steps_that_have_begun_cannot_change(steps: tuple[Step, ...]) -> None:
    with pytest.raises(DeskError, match="the first 2 steps have begun") as refused:
        applied(ramp(1), course(steps=steps))
    assert refused.value.code is Code.STEPS_BEGUN


def test_after_a_rollback_all_steps_can_change() -> None:
    rolled = transitions.roll_back(ramp(1), at(BEGAN_S + 60, 7))
    moved = applied(rolled, course(steps=STEPS[:1]))
    assert (moved.entry.course.steps, moved.entry.progress) == (STEPS[:1], None)
    assert applied(rolled, course(limit(number=0.5))).entry.step_index == 1


@pytest.mark.parametrize(
    "changed",
    [{"limits": ()}, {"alpha": 0.01}, {"min_requests": 10}],
)
def test_other_criteria_start_the_evidence_anew(changed: dict[str, object]) -> None:
    known = ramp(1, held_s=60.0)
    moved = applied(known, msgspec.structs.replace(course(), **changed))
    told = progress(moved)
    assert (told.starts, told.held(BEGAN_S + 120), told.step) == ((9,), 0.0, 1)
    assert (moved.route.split.share, moved.route.split.since) == (1_000, 9)
    assert moved.entry.since == known.entry.since


def test_hopes_and_whom_to_tell_change_nothing_else() -> None:
    told = msgspec.structs.replace(course(), notify=(Notify(to="ops"),))
    moved = applied(ramp(1), told)
    assert (moved.entry.course, moved.entry.progress) == (told, ramp(1).entry.progress)
