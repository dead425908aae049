"""How a state becomes the next: epochs, holds, and where evidence is read from."""

from __future__ import annotations

import msgspec
import pytest

from control.migration import moves
from control.migration.ledger import Cause, Phase
from control.migration.progress import Stage
from control.words.criteria import OnFail
from tests.control.journeys import STATES
from tests.control.ramps import (
    BEGAN_S,
    RELATIVE,
    at,
    breach,
    course,
    limit,
    pending,
    progress,
    ramp,
)

LATER_S = BEGAN_S + 120


def test_a_step_begins_a_weight_epoch_of_its_own() -> None:
    known = ramp(0, anchors={"a": 1.0}, acted_at_s=BEGAN_S, breaches=(breach(Stage.DISMISSED),))
    after = moves.at_step(known, at(LATER_S, 5), 1, Cause.STEPPED)
    told = progress(after)
    assert (after.route.split.share, after.route.split.since) == (1_000, 5)
    assert (told.step, told.began_s, told.held(LATER_S)) == (1, LATER_S, 0.0)
    assert (told.starts, told.anchors, told.acted_at_s) == ((1, 5), {"a": 1.0}, BEGAN_S)
    assert told.breaches == ()


def test_a_step_at_the_same_weight_begins_an_epoch_too() -> None:
    after = moves.at_step(ramp(0), at(LATER_S, 5), 0, Cause.RESUMED)
    assert (after.route.split.share, after.route.split.since) == (100, 5)


def test_a_step_without_progress_begins_the_evidence() -> None:
    assert progress(moves.at_step(pending(), at(LATER_S, 5), 0, Cause.STARTED)).starts == (5,)


@pytest.mark.parametrize(
    ("stage", "on_fail", "tainted"),
    [
        (Stage.DONE, OnFail.HOLD, True),
        (Stage.DONE, OnFail.STEP_BACK, True),
        (Stage.DONE, OnFail.WARN, False),
        (Stage.DISMISSED, OnFail.ROLLBACK, False),
        (Stage.OPEN, OnFail.ROLLBACK, False),
        (Stage.DWELLING, OnFail.ROLLBACK, False),
    ],
)
def test_a_breach_with_a_consequence_taints_the_evidence(
    stage: Stage, on_fail: OnFail, tainted: bool
) -> None:
    of = limit(on_fail)
    known = ramp(1, of=course(of), breaches=(breach(stage, of),), anchors={"a": 1.0})
    assert moves.tainted(known.entry) is tainted
    told = progress(moves.at_step(known, at(LATER_S, 5), 1, Cause.RESUMED))
    assert told.starts == ((5,) if tainted else (1, 5))
    assert told.anchors == ({} if tainted else {"a": 1.0})


def test_a_suspect_split_taints_the_evidence() -> None:
    assert moves.tainted(STATES["with a suspect split"].entry)
    assert not moves.tainted(pending().entry)


@pytest.mark.parametrize(
    ("step", "share", "index", "weight"),
    [
        (2, None, 1, 1_000),
        (1, None, 0, 100),
        (0, None, 0, 0),
        (1, 50, 0, 50),
        (None, None, None, 0),
    ],
)
def test_a_step_back_never_raises_a_weight(
    step: int | None, share: int | None, index: int | None, weight: int
) -> None:
    known = ramp(step, share=share, approved=True, held_s=60.0)
    after = moves.stepped_back(known, at(LATER_S, 5), Cause.STEPPED_BACK)
    told = progress(after)
    assert (after.entry.phase, after.route.split.share, told.step) == (Phase.PAUSED, weight, index)
    assert (told.approved, told.held_s, told.running_since_s) == (False, 0.0, None)


def test_what_has_no_progress_can_be_moved_all_the_same() -> None:
    bare = STATES["baselining"]
    for after in (
        moves.stepped_back(bare, at(LATER_S), Cause.STEPPED_BACK),
        moves.paused(bare, at(LATER_S), Cause.BREACH),
        moves.completed(bare, at(LATER_S), Cause.PROMOTED),
        moves.begun_anew(bare, at(LATER_S)),
    ):
        assert after.entry.progress is None


def test_a_ramp_begun_anew_holds_its_step_in_full_from_new_evidence() -> None:
    known = ramp(1, held_s=60.0, approved=True, anchors={"a": 1.0}, breaches=(breach(Stage.OPEN),))
    after = moves.begun_anew(known, at(LATER_S, 5))
    told = progress(after)
    assert (after.route.split.share, after.route.split.since) == (1_000, 5)
    assert (told.step, told.held(LATER_S), told.starts) == (1, 0.0, (5,))
    assert (told.breaches, told.anchors) == ((), {})
    assert (after.entry.phase, after.entry.since) == (known.entry.phase, known.entry.since)


def test_a_paused_ramp_begun_anew_stays_paused() -> None:
    after = moves.begun_anew(STATES["paused"], at(LATER_S, 5))
    assert progress(after).running_since_s is None
    assert progress(after).held(LATER_S + 99) == 0.0


def test_a_note_leaves_the_phase_and_how_it_came_about() -> None:
    known = ramp(1)
    told = msgspec.structs.replace(progress(known), approved=True)
    after = moves.noted(known, at(LATER_S, 5), told)
    assert (after.entry.since, after.entry.changed_version) == (known.entry.since, 5)
    assert after.route is known.route


def test_a_first_weight_by_hand_begins_the_evidence() -> None:
    begun = moves.by_hand(pending(), at(BEGAN_S, 9), 500)
    assert (begun.step, begun.starts, begun.began_s) == (None, (9,), BEGAN_S)


@pytest.mark.parametrize(("share", "kept"), [(500, True), (1_000, True), (1_001, False)])
def test_a_dismissal_holds_for_the_weight_that_there_was_and_below(share: int, kept: bool) -> None:
    dismissed, dwelling = breach(Stage.DISMISSED), breach(Stage.DWELLING, RELATIVE)
    known = ramp(1, breaches=(dismissed, dwelling))
    after = moves.by_hand(known, at(BEGAN_S, 9), share)
    assert after.breaches == ((dismissed, dwelling) if kept else (dwelling,))
    assert after.starts == (1,)


def test_by_hand_too_tainted_evidence_is_left_behind() -> None:
    opened = breach(Stage.OPEN, RELATIVE, due_s=BEGAN_S + 60)
    known = ramp(1, breaches=(breach(Stage.DONE), opened), anchors={"k": 1.0})
    after = moves.by_hand(known, at(BEGAN_S, 9), 500)
    assert (after.breaches, after.starts, after.anchors) == ((opened,), (9,), {})
