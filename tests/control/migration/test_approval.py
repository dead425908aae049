"""What a person says at a gate."""

from __future__ import annotations

import pytest

from control.migration import approval, steering
from control.migration.ledger import Cause, Phase
from control.migration.progress import Stage
from control.refusal import Code, DeskError
from tests.control.journeys import STATES, Act
from tests.control.ramps import BEGAN_S, at, breach, progress, ramp

LATER_S = BEGAN_S + 700


def test_an_approval_lets_the_step_go_on_to_its_end() -> None:
    approved = approval.approve(STATES["awaiting approval"], at(LATER_S, 5))
    assert (approved.entry.phase, approved.entry.cause) == (Phase.PROGRESSING, Cause.APPROVED)
    assert progress(approved).approved
    assert progress(approved).held(LATER_S) == 600.0
    assert approved.route == STATES["awaiting approval"].route


def test_an_approval_can_come_ahead_of_time() -> None:
    approved = approval.approve(ramp(1), at(LATER_S, 5))
    assert (approved.entry.phase, approved.entry.cause) == (Phase.PROGRESSING, Cause.STEPPED)
    assert progress(approved).approved
    assert approved.entry.since == ramp(1).entry.since


def test_an_approval_does_not_end_a_persons_pause() -> None:
    paused = ramp(1, Phase.PAUSED, Cause.MANUAL_PAUSE)
    approved = approval.approve(paused, at(LATER_S, 5))
    assert (approved.entry.phase, progress(approved).approved) == (Phase.PAUSED, True)


def test_an_approval_does_not_thaw_a_frozen_ramp() -> None:
    opened = (breach(Stage.OPEN, due_s=LATER_S),)
    known = ramp(1, Phase.PAUSED, Cause.BREACH, breaches=opened)
    assert approval.approve(known, at(LATER_S)).entry.phase is Phase.PAUSED


def test_approving_twice_is_approving_once() -> None:
    known = STATES["gated step, approved"]
    assert approval.approve(known, at(LATER_S)) is known


def test_a_rejection_leads_to_the_previous_steps_weight() -> None:
    rejected = approval.reject(STATES["awaiting approval"], at(LATER_S, 5))
    assert (rejected.entry.phase, rejected.entry.cause) == (Phase.PAUSED, Cause.REJECTED)
    assert (progress(rejected).step, rejected.route.split.share) == (0, 100)
    assert not rejected.entry.latched


def test_a_rejection_asks_for_a_reason_to_go_on() -> None:
    rejected = approval.reject(STATES["gated step, approved"], at(LATER_S, 5))
    with pytest.raises(DeskError, match="after Rejected needs a reason"):
        steering.resume(rejected, at(LATER_S, 6))
    again = steering.promote(
        steering.resume(rejected, at(LATER_S, 6, "seen again")), at(LATER_S, 7)
    )
    assert (progress(again).step, progress(again).approved) == (1, False)


@pytest.mark.parametrize("verb", [approval.approve, approval.reject])
@pytest.mark.parametrize("name", ["first step", "by hand", "soaking"])
def test_where_there_is_no_gate_nothing_is_asked(verb: Act, name: str) -> None:
    with pytest.raises(DeskError, match="no step that needs approval") as refused:
        verb(STATES[name], at(LATER_S))
    assert refused.value.code is Code.NOT_WAITING
