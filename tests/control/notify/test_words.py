"""control.notify.words: from an event to a message."""

from __future__ import annotations

import msgspec
import pytest

from control.criteria import Limit, Metric, OnFail, Side
from control.ledger import Phase, Verb
from control.notify import words
from control.notify.message import Topic
from control.outlook import Weights
from control.steps import Course
from control.store import Event
from tests.control.states import state

LIMIT = Limit(
    metric=Metric.ERROR_RATE,
    side=Side.OVER,
    number=0.02,
    written="2%",
    on_fail=OnFail.ROLLBACK,
    page=True,
)
STATE = state("triage")
PAGED = msgspec.structs.replace(
    STATE, entry=msgspec.structs.replace(STATE.entry, course=Course(limits=(LIMIT,)))
)


def event(verb: Verb, phase: Phase = Phase.PROGRESSING, **evidence: str) -> Event:
    return Event(
        version=7,
        migration="triage",
        verb=verb,
        phase=phase,
        actor="jane@desk",
        reason="Errors 5.1 % against 1.0 %.",
        at="2026-01-02T03:04:05.678Z",
        evidence={"weight_before": "1", "weight_after": "10"} | evidence,
    )


TOPICS = [
    (Verb.START, Phase.PROGRESSING, Topic.STEP),
    (Verb.STEP, Phase.PROGRESSING, Topic.STEP),
    (Verb.STEP, Phase.SOAKING, Topic.STEP),
    (Verb.STEP, Phase.HEALTHY, Topic.DONE),
    (Verb.PROMOTE, Phase.PROGRESSING, Topic.STEP),
    (Verb.PROMOTE, Phase.HEALTHY, Topic.DONE),
    (Verb.RESUME, Phase.PROGRESSING, Topic.STEP),
    (Verb.SET_WEIGHT, Phase.PROGRESSING, Topic.STEP),
    (Verb.SET_WEIGHT, Phase.PAUSED, Topic.PAUSED),
    (Verb.PAUSE, Phase.PAUSED, Topic.PAUSED),
    (Verb.REJECT, Phase.PAUSED, Topic.PAUSED),
    (Verb.HOLD, Phase.PAUSED, Topic.BREACH),
    (Verb.STEP_BACK, Phase.PAUSED, Topic.BREACH),
    (Verb.NOTICE, Phase.PROGRESSING, Topic.BREACH),
    (Verb.DISMISS, Phase.PROGRESSING, Topic.BREACH),
    (Verb.ROLLBACK, Phase.DEGRADED, Topic.ROLLED_BACK),
    (Verb.APPLY, Phase.PENDING, None),
    (Verb.RETRY, Phase.PENDING, None),
    (Verb.APPROVE, Phase.PROGRESSING, None),
    (Verb.ANCHOR, Phase.PROGRESSING, None),
]


@pytest.mark.parametrize(("verb", "phase", "topic"), TOPICS)
def test_each_verb_has_its_topic(verb: Verb, phase: Phase, topic: Topic | None) -> None:
    assert words.topic(event(verb, phase)) == topic
    told = words.told(event(verb, phase), STATE, "production")
    assert (None if told is None else told.topic) == topic


def test_every_verb_stands_in_that_table() -> None:
    assert {verb for verb, _, _ in TOPICS} == set(Verb)


def test_a_step_that_waits_for_somebody_says_for_what() -> None:
    told = words.told(
        event(Verb.PAUSE, Phase.PAUSED, cause="AwaitingApproval"), STATE, "production"
    )
    assert told is not None
    assert told.topic is Topic.APPROVAL
    assert "`crossfade approve triage`" in told.text


def test_a_message_has_all_that_its_event_has() -> None:
    told = words.told(event(Verb.STEP), STATE, "production")
    assert told is not None
    assert msgspec.structs.asdict(told) == {
        "id": "triage/7/step",
        "topic": Topic.STEP,
        "environment": "production",
        "migration": "triage",
        "phase": "Progressing",
        "weights": Weights(baseline=90, candidate=10),
        "version": 7,
        "actor": "jane@desk",
        "at": "2026-01-02T03:04:05.678Z",
        "page": False,
        "text": "Next step: the candidate now has 10 % of the traffic, after 1 %. "
        "Errors 5.1 % against 1.0 %. By jane@desk, version 7.",
    }


def test_an_event_without_weights_has_none_to_tell() -> None:
    bare = msgspec.structs.replace(event(Verb.NOTICE), evidence={}, reason=None)
    told = words.told(bare, STATE, "production")
    assert told is not None
    assert told.weights is None
    assert told.text == "A limit is breached. By jane@desk, version 7."


def test_a_limit_that_pages_makes_its_message_a_page() -> None:
    about = event(Verb.ROLLBACK, Phase.DEGRADED, limit=LIMIT.key)
    paged, other = words.told(about, PAGED, "production"), words.told(about, STATE, "production")
    assert paged is not None
    assert other is not None
    assert (paged.page, other.page) == (True, False)


def test_a_test_message_says_that_nothing_happened() -> None:
    message = words.test("staging", "jane@desk", "2026-01-02T03:04:05.678Z")
    assert message.topic is Topic.TEST
    assert "Nothing has happened" in message.text
