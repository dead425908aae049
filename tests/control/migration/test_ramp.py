"""The ramp by itself: it passes steps, pauses for want of data, ends; nothing outruns a latch."""

from __future__ import annotations

import msgspec
import pytest

from control.migration import approval, steering
from control.migration import ramp as machine
from control.migration.change import Actor
from control.migration.ledger import Cause, Phase, Verb
from control.migration.ramp import NO_TRAFFIC_S, STALE_S
from control.words.criteria import OnFail
from control.words.steps import Course, Occasion, Step
from control.words.verdict import Standing, Verdict
from tests.control.journeys import STATES
from tests.control.ramps import (
    BEGAN_S,
    at,
    changed,
    course,
    judged,
    limit,
    looked,
    progress,
    ramp,
    stands,
    verdict,
)


def test_a_step_that_has_all_it_needs_leads_to_the_next() -> None:
    assert looked(ramp(0), verdict(), 299.0) is None
    change = changed(ramp(0), verdict(), 300.0, version=7)
    assert stands(change.state) == (Phase.PROGRESSING, Cause.STEPPED, 1_000)
    assert (progress(change.state).step, progress(change.state).starts) == (1, (1, 7))
    assert (change.verb, change.actor, change.occasion) == (
        *(Verb.STEP, Actor.RAMP),
        Occasion.STEP,
    )
    assert change.sentence == (
        "Step 1 of 3 has passed: held for 5m, 500 requests of the candidate, every limit is kept."
    )
    assert change.evidence == {
        "weight_before": "1",
        "weight_after": "10",
        "cause": "Stepped",
        "step": "2/3",
        "requests": "500",
    }


@pytest.mark.parametrize(
    "says",
    [
        verdict(requests=299),
        verdict(judged(standing=Standing.INCONCLUSIVE)),
        Verdict(requests=500, fresh_s=1.0),
    ],
)
def test_no_data_is_no_pass(says: Verdict) -> None:
    assert looked(ramp(0), says, 86_400.0) is None


def test_a_gate_is_the_last_thing_asked_for() -> None:
    assert looked(ramp(1), verdict(requests=12), 86_400.0) is None
    change = changed(ramp(1), verdict(), 600.0)
    assert stands(change.state) == (Phase.PAUSED, Cause.AWAITING_APPROVAL, 1_000)
    assert (change.verb, change.occasion) == (Verb.PAUSE, Occasion.APPROVAL)
    assert change.sentence.endswith("It waits for 'approve triage'.")
    assert looked(change.state, verdict(), 86_400.0) is None


def test_an_approved_step_goes_on_and_not_before_its_hold_is_over() -> None:
    early = approval.approve(ramp(1), at(BEGAN_S + 10, 5))
    assert looked(early, verdict(), 599.0) is None
    assert changed(early, verdict(), 600.0).phase is Phase.SOAKING
    waited = changed(ramp(1), verdict(), 600.0).state
    approved = approval.approve(waited, at(BEGAN_S + 7_000, 5))
    change = changed(approved, verdict(), 7_001.0)
    assert stands(change.state) == (Phase.SOAKING, Cause.STEPPED, 9_900)


def test_the_end_of_the_soak_is_the_end() -> None:
    change = changed(ramp(2, Phase.SOAKING), verdict(), 3_600.0)
    assert stands(change.state) == (Phase.HEALTHY, Cause.COMPLETED, 9_900)
    assert change.state.route == ramp(2).route
    assert (change.verb, change.occasion) == (Verb.STEP, Occasion.DONE)
    assert looked(change.state, verdict(), 7_200.0) is None


def test_a_last_step_that_does_not_soak_ends_too() -> None:
    known = ramp(0, of=course(steps=(Step(share=100, hold_s=60.0),)))
    assert stands(changed(known, verdict(), 60.0).state) == (Phase.HEALTHY, Cause.COMPLETED, 100)


def test_a_step_at_weight_0_is_held_and_passes_without_requests() -> None:
    known = ramp(0, of=course(steps=(Step(share=0, hold_s=60.0), Step(share=100))))
    change = changed(known, Verdict(), 60.0)
    assert change.state.route.split.share == 100
    assert change.sentence == "Step 1 of 2 has passed: held for 1m."


def test_what_was_dismissed_is_said_when_the_step_passes() -> None:
    known = STATES["frozen"]
    dismissed = steering.dismiss(known, at(BEGAN_S, 5, "known"))
    says = verdict(judged(standing=Standing.INCONCLUSIVE))
    assert changed(dismissed, says, 300.0).sentence.endswith("every other limit is kept.")


def test_time_in_a_pause_is_no_hold() -> None:
    paused = steering.pause(ramp(0), at(BEGAN_S + 200, 5))
    resumed = steering.resume(paused, at(BEGAN_S + 9_000, 6))
    assert looked(resumed, verdict(), 9_099.0) is None
    assert changed(resumed, verdict(), 9_100.0).verb is Verb.STEP


@pytest.mark.parametrize("fresh_s", [STALE_S + 1, 3_600.0])
def test_stale_metrics_pause(fresh_s: float) -> None:
    change = changed(ramp(0), verdict(fresh_s=fresh_s), 10.0)
    assert stands(change.state) == (Phase.PAUSED, Cause.STALE_METRICS, 100)
    assert (change.verb, change.occasion) == (Verb.PAUSE, Occasion.PAUSED)
    assert change.sentence.startswith("Nothing was measured for ")
    assert looked(ramp(0), verdict(fresh_s=STALE_S), 10.0) is None


def test_a_live_worker_that_reports_nothing_pauses_and_is_named() -> None:
    says = msgspec.structs.replace(verdict(fresh_s=45.0), silent="worker a is live but silent")
    change = changed(ramp(0), says, 10.0)
    assert change.cause is Cause.STALE_METRICS
    assert change.sentence == "Worker a is live but silent; no data is no pass."


def test_metrics_that_never_came_pause_after_the_same_time() -> None:
    assert looked(ramp(0), verdict(fresh_s=None), STALE_S) is None
    assert changed(ramp(0), verdict(fresh_s=None), STALE_S + 1).cause is Cause.STALE_METRICS


def test_without_any_traffic_the_ramp_pauses() -> None:
    assert looked(ramp(0), verdict(requests=0), NO_TRAFFIC_S - 1) is None
    change = changed(ramp(0), verdict(requests=0), NO_TRAFFIC_S)
    assert stands(change.state) == (Phase.PAUSED, Cause.NO_TRAFFIC, 100)
    assert change.sentence == "The candidate had no request in 1m; no data is no pass."


def test_a_suspect_split_pauses_until_a_person_resumes() -> None:
    change = changed(ramp(0), verdict(split_suspect="2,000 of 10,000 keys at 10 %."), 10.0)
    assert stands(change.state) == (Phase.PAUSED, Cause.SPLIT_SUSPECT, 100)
    assert change.sentence == "2,000 of 10,000 keys at 10 %."
    assert looked(change.state, verdict(), 1_000.0) is None


@pytest.mark.parametrize(
    ("name", "phase"),
    [("stale", Phase.PROGRESSING), ("without traffic", Phase.SOAKING)],
)
def test_a_pause_for_want_of_data_ends_with_the_data(name: str, phase: Phase) -> None:
    known = STATES[name]
    for says in (verdict(fresh_s=None), verdict(fresh_s=11.0), verdict(requests=0)):
        assert looked(known, says, 1_000.0) is None
    change = changed(known, verdict(), 1_000.0)
    assert (change.phase, change.cause, change.verb) == (phase, Cause.RESUMED, Verb.RESUME)
    assert progress(change.state).held(BEGAN_S + 1_010) == 70.0


@pytest.mark.parametrize(
    "name",
    ["paused", "stepped back", "rejected", "with a suspect split", "held", "by hand, paused"],
)
def test_a_persons_pause_ends_by_a_person_alone(name: str) -> None:
    assert looked(STATES[name], verdict(judged(limit(OnFail.HOLD))), 80_000.0) is None


@pytest.mark.parametrize("name", ["new", "by hand", "done by hand", "degraded in a ramp"])
def test_where_no_ramp_runs_nothing_is_stepped(name: str) -> None:
    assert looked(STATES[name], verdict(), 80_000.0) is None


def test_thresholds_are_frozen_once() -> None:
    first = machine.anchored(ramp(0), {"b": 1.25, "a": 2.0}, BEGAN_S + 5, version=4)
    assert first is not None
    assert (first.verb, first.version, first.occasion) == (Verb.ANCHOR, 4, None)
    assert first.sentence == "Frozen from here on: a, b."
    assert first.evidence["b"] == "1.25"
    assert progress(first.state).anchors == {"a": 2.0, "b": 1.25}
    assert machine.anchored(first.state, {"a": 9.0}, BEGAN_S + 6, version=5) is None
    more = machine.anchored(first.state, {"a": 9.0, "c": 3.0}, BEGAN_S + 6, version=5)
    assert more is not None
    assert progress(more.state).anchors == {"a": 2.0, "b": 1.25, "c": 3.0}


@pytest.mark.parametrize("name", ["new", "degraded in a ramp"])
def test_nothing_is_frozen_where_nothing_runs(name: str) -> None:
    assert machine.anchored(STATES[name], {"a": 1.0}, BEGAN_S, version=4) is None


def test_a_course_without_limits_and_steps_does_nothing_by_itself() -> None:
    assert looked(ramp(None, of=Course()), verdict(), 80_000.0) is None
