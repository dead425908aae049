"""control.migration.rehearsal: the moves of a drill."""

from __future__ import annotations

import msgspec
import pytest

from control.migration.ledger import Cause, Phase, State
from control.migration.rehearsal import practised, restored, unmeddled
from control.migration.steering import pause
from control.migration.transitions import retry, roll_back
from control.refusal import Code, DeskError
from tests.control.ramps import BEGAN_S, at, progress, ramp
from tests.control.ruled import begun
from tests.control.states import stamp, state

RUNNING = begun()


def test_a_practised_rollback_is_weight_0_and_latched_like_a_real_one() -> None:
    drilled = practised(RUNNING, stamp(2))
    assert (drilled.entry.phase, drilled.entry.cause) == (Phase.DEGRADED, Cause.DRILLED)
    assert drilled.entry.latched
    assert (drilled.route.split.share, drilled.route.split.since) == (0, 2)


def test_everything_is_as_it_was_but_the_version() -> None:
    paused = pause(RUNNING, at(BEGAN_S, 1))
    after = restored(paused, practised(paused, at(BEGAN_S, 2)), at(BEGAN_S, 3), began_s=BEGAN_S)
    entry = msgspec.structs.replace(paused.entry, changed_version=3)
    assert after == State(entry=entry, route=paused.route)


def test_the_time_of_a_drill_is_no_part_of_the_hold() -> None:
    running = ramp()
    drilled = practised(running, at(BEGAN_S + 70, 2))
    after = restored(running, drilled, at(BEGAN_S + 400, 3), began_s=BEGAN_S + 60)
    assert progress(after).held(BEGAN_S + 410) == 60.0 + 10.0


def test_a_real_rollback_wins_over_a_drill_and_is_idempotent_after_it() -> None:
    drilled = practised(RUNNING, stamp(2))
    real = roll_back(drilled, stamp(3))
    assert (real.entry.cause, real.entry.changed_version) == (Cause.ROLLED_BACK, 3)
    assert roll_back(real, stamp(4)) is real
    with pytest.raises(DeskError) as refused:
        unmeddled(drilled, real)
    assert refused.value.code is Code.VERSION_CONFLICT
    assert refused.value.current == 3
    assert "stays Degraded" in refused.value.message


def test_a_retry_during_a_drill_is_left_alone_too() -> None:
    drilled = practised(RUNNING, stamp(2))
    with pytest.raises(DeskError):
        unmeddled(drilled, retry(drilled, stamp(3)))
    unmeddled(drilled, drilled)


def test_what_is_rolled_back_is_not_drilled() -> None:
    with pytest.raises(DeskError) as refused:
        practised(state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK), stamp(2))
    assert refused.value.code is Code.LATCHED


def test_weight_0_has_nothing_to_take_back() -> None:
    with pytest.raises(DeskError) as refused:
        practised(state(), stamp(2))
    assert refused.value.code is Code.NOT_RUNNING
    assert "--weight 1" in refused.value.message
