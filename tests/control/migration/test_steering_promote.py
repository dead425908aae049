"""Promote: to the next step at once, or to 100 percent."""

from __future__ import annotations

import pytest

from control.migration import steering, transitions
from control.migration.ledger import Cause, Phase
from control.migration.progress import Stage
from control.refusal import Code, DeskError
from control.words.steps import Step
from tests.control.journeys import STATES
from tests.control.ramps import (
    BEGAN_S,
    at,
    breach,
    changed,
    course,
    failing,
    progress,
    ramp,
    stands,
)

LATER_S = BEGAN_S + 120


def test_a_promotion_leads_to_the_next_step_at_once() -> None:
    promoted = steering.promote(ramp(0, breaches=(breach(Stage.DISMISSED),)), at(LATER_S, 5))
    assert stands(promoted) == (Phase.PROGRESSING, Cause.PROMOTED, 1_000)
    told = progress(promoted)
    assert (told.step, told.approved, told.breaches, told.starts) == (1, False, (), (1, 5))


@pytest.mark.parametrize(
    ("share", "step"), [(0, 0), (50, 0), (100, 1), (500, 1), (2_000, 2), (9_900, None)]
)
def test_a_promotion_goes_on_from_the_weight_in_force(share: int, step: int | None) -> None:
    known = ramp(1, Phase.PAUSED, Cause.MANUAL_PAUSE, share=share)
    promoted = steering.promote(known, at(LATER_S, 5))
    assert promoted.route.split.share >= share
    if step is None:
        assert promoted.entry.phase is Phase.HEALTHY
    else:
        assert progress(promoted).step == step


def test_two_steps_that_are_the_same_are_two_steps() -> None:
    twice = course(steps=(Step(share=100, hold_s=60.0), Step(share=100, hold_s=60.0)))
    paused = ramp(1, Phase.PAUSED, Cause.MANUAL_PAUSE, of=twice)
    assert progress(steering.resume(paused, at(LATER_S, 5))).step == 1
    assert steering.promote(paused, at(LATER_S, 5)).entry.phase is Phase.HEALTHY


@pytest.mark.parametrize("name", ["gated step", "awaiting approval"])
def test_a_promotion_passes_over_the_gate(name: str) -> None:
    promoted = steering.promote(STATES[name], at(LATER_S, 5))
    assert stands(promoted) == (Phase.SOAKING, Cause.PROMOTED, 9_900)


@pytest.mark.parametrize("full", [True, False])
def test_a_promotion_out_of_the_soak_is_the_end(full: bool) -> None:
    promoted = steering.promote(STATES["soaking"], at(LATER_S, 5), full=full)
    assert stands(promoted) == (Phase.HEALTHY, Cause.PROMOTED, 9_900)
    assert promoted.route == STATES["soaking"].route


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("new", (Phase.SOAKING, Cause.PROMOTED, 9_900)),
        ("first step", (Phase.SOAKING, Cause.PROMOTED, 9_900)),
        ("new, without steps", (Phase.HEALTHY, Cause.PROMOTED, 10_000)),
        ("by hand, without steps", (Phase.HEALTHY, Cause.PROMOTED, 10_000)),
        ("done", (Phase.HEALTHY, Cause.PROMOTED, 10_000)),
    ],
)
def test_a_full_promotion_leads_to_100_percent(name: str, after: tuple[Phase, Cause, int]) -> None:
    assert stands(steering.promote(STATES[name], at(LATER_S, 5), full=True)) == after


def test_a_full_promotion_past_steps_that_end_lower_leads_to_100_percent() -> None:
    known = ramp(0, of=course(steps=(Step(share=100), Step(share=5_000))))
    promoted = steering.promote(known, at(LATER_S, 5), full=True)
    assert stands(promoted) == (Phase.HEALTHY, Cause.PROMOTED, 10_000)


LOWER = course(steps=(Step(share=100), Step(share=5_000)))


def test_a_full_promotion_forgets_what_was_dismissed_at_a_lower_weight() -> None:
    known = ramp(0, of=LOWER, breaches=(breach(Stage.DISMISSED),))
    promoted = steering.promote(known, at(LATER_S, 5), full=True)
    assert changed(promoted, failing(), 180.0, version=6).state.entry.latched


def test_a_full_promotion_after_a_retry_leaves_the_old_evidence_behind() -> None:
    known = transitions.roll_back(ramp(0, of=LOWER), at(LATER_S, 3))
    retried = transitions.retry(known, at(LATER_S, 4))
    assert progress(steering.promote(retried, at(LATER_S, 5), full=True)).starts == (5,)


def test_what_is_done_is_not_promoted_again() -> None:
    assert steering.promote(STATES["done"], at(LATER_S)) is STATES["done"]
    whole = STATES["done by hand"]
    assert steering.promote(whole, at(LATER_S), full=True) is whole


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("new", Code.NOT_RUNNING),
        ("by hand", Code.NOT_RUNNING),
        ("by hand, without steps", Code.NO_STEPS),
        ("stepped back", Code.REASON_NEEDED),
        ("rejected", Code.REASON_NEEDED),
    ],
)
def test_a_promotion_needs_a_next_step_and_sometimes_a_reason(name: str, code: Code) -> None:
    with pytest.raises(DeskError) as refused:
        steering.promote(STATES[name], at(LATER_S))
    assert refused.value.code is code
