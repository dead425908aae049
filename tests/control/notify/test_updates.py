"""control.notify.updates: where a ramp stands, in a few sentences."""

from __future__ import annotations

import msgspec

from control.desk.outlook import Weights
from control.migration.ledger import State
from control.notify.message import Topic
from control.notify.updates import update
from control.words.steps import Gate
from control.words.verdict import Standing, Verdict
from tests.control.ramps import ERRORS, failing, judged
from tests.control.ruled import COURSE, NOON_S, WORSE, begun
from tests.control.states import state

FINE = judged(WORSE, baseline=0.004, candidate=0.0031)


def said(known: State, verdict: Verdict, observed: Weights | None = None) -> str:
    return update(known, verdict, observed, environment="production", now_s=NOON_S + 20).text


def test_an_update_says_where_the_ramp_stands_and_what_its_tests_say() -> None:
    message = update(
        begun(),
        Verdict(judgements=(FINE,), requests=400),
        Weights(baseline=90.2, candidate=9.8),
        environment="production",
        now_s=NOON_S + 20.4,
    )
    assert message.topic is Topic.UPDATE
    assert message.id == f"triage/{NOON_S + 20:.0f}/update"
    assert message.weights == Weights(baseline=90, candidate=10)
    assert message.text == (
        "Progressing: the candidate has 10 % of the traffic (9.8 % observed). "
        "Step 1 of 3, waits for 40s of its hold. "
        "error_rate 0.3 % (baseline 0.4 %). 1 of 1 limits pass."
    )


def test_what_a_step_waits_for_is_said() -> None:
    steps = tuple(msgspec.structs.replace(step, gate=Gate.APPROVE) for step in COURSE.steps)
    text = said(begun(course=msgspec.structs.replace(COURSE, steps=steps)), Verdict(requests=40))
    assert text.endswith(
        "waits for 40s of its hold, 40 of 100 requests, more data for "
        "'error_rate over_baseline 1.25x', an approval."
    )


def test_a_breach_is_said() -> None:
    text = said(begun(), failing(WORSE))
    assert text.endswith("Breached: error_rate over_baseline 1.25x.")


def test_what_is_not_measured_yet_is_said_to_be_so() -> None:
    unknown = judged(WORSE, Standing.INCONCLUSIVE, candidate=None)
    alone = judged(ERRORS, Standing.INCONCLUSIVE, candidate=0.0031, baseline=None)
    text = said(begun(), Verdict(judgements=(unknown, alone)))
    assert "error_rate not measured yet. error_rate 0.3 %. 0 of 2 limits pass." in text


def test_a_weight_that_was_set_by_hand_has_no_step_and_perhaps_no_limits() -> None:
    text = said(state("triage", share=1_000), Verdict())
    assert text == "Pending: the candidate has 10 % of the traffic."


def test_a_step_that_waits_for_nothing_says_nothing_of_it() -> None:
    known = begun()
    message = update(
        known,
        Verdict(judgements=(FINE,), requests=500),
        None,
        environment="production",
        now_s=NOON_S + 100,
    )
    assert "Step 1 of 3." in message.text
