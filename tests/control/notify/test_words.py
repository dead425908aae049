"""control.notify.words: from an event to a message."""

from __future__ import annotations

import msgspec
import pytest

from control.desk.outlook import Weights
from control.migration.ledger import Phase, Verb
from control.notify import words
from control.notify.message import Topic
from control.store import Event
from tests.doubles import documents


def event(verb: Verb, phase: Phase = Phase.PROGRESSING, **evidence: str) -> Event:
    return documents.event(
        7,
        verb=verb,
        phase=phase,
        reason="Errors 5.1 % against 1.0 %.",
        evidence=documents.EVENT.evidence | evidence,
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
    told = words.told(event(verb, phase), "production")
    assert (None if told is None else told.topic) == topic


def test_every_verb_stands_in_that_table() -> None:
    assert {verb for verb, _, _ in TOPICS} == set(Verb)


def test_what_the_ramp_says_itself_comes_before_its_verb() -> None:
    waits = event(Verb.PAUSE, Phase.PAUSED, occasion="approval")
    told = words.told(waits, "production")
    assert told is not None
    assert told.topic is Topic.APPROVAL
    assert "`crossfade approve triage`" in told.text


@pytest.mark.parametrize("occasion", ["", "something later"])
def test_what_is_only_noted_is_told_to_nobody(occasion: str) -> None:
    assert words.told(event(Verb.NOTICE, occasion=occasion), "production") is None


def test_a_message_has_all_that_its_event_has() -> None:
    told = words.told(event(Verb.STEP), "production")
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
    told = words.told(bare, "production")
    assert told is not None
    assert told.weights is None
    assert told.text == "A limit is breached. By jane@desk, version 7."


def test_a_limit_that_pages_makes_its_message_a_page() -> None:
    pages = [
        words.told(event(Verb.ROLLBACK, Phase.DEGRADED, page=page), "production")
        for page in ("yes", "no")
    ]
    assert [told is not None and told.page for told in pages] == [True, False]


def test_a_test_message_says_that_nothing_happened() -> None:
    message = words.test("staging", "jane@desk", "2026-01-02T03:04:05.678Z")
    assert message.topic is Topic.TEST
    assert "Nothing has happened" in message.text


def test_the_step_is_said_where_the_event_has_it() -> None:
    told = words.told(event(Verb.STEP, step="2/4"), "production")
    assert told is not None
    assert told.text.startswith("Step 2 of 4. Next step: the candidate now has 10 %")
