"""control.notify.bodies: the forms of a message."""

from __future__ import annotations

import json

import msgspec
import pytest

from control.notify.bodies import LONGEST_TEXT, body
from control.notify.message import Topic
from control.words.notifiers import Kind
from tests.control.notify.messages import ROLLED_BACK


def test_a_webhook_gets_every_field() -> None:
    assert json.loads(body(Kind.WEBHOOK, ROLLED_BACK)) == {
        "id": "support-triage/7/rolled_back",
        "topic": "rolled_back",
        "environment": "production",
        "migration": "support-triage",
        "phase": "Degraded",
        "weights": {"baseline": 100, "candidate": 0},
        "version": 7,
        "actor": "guard",
        "at": "2026-11-23T02:00:00.000Z",
        "page": True,
        "text": "Rolled back: errors 5.1 % against 1.0 %.",
    }


def test_slack_gets_one_text_with_environment_and_migration_first() -> None:
    text = json.loads(body(Kind.SLACK, ROLLED_BACK))
    assert text == {
        "text": "⏪ *production · support-triage*\nRolled back: errors 5.1 % against 1.0 %."
    }


def test_a_message_of_no_migration_names_the_environment_alone() -> None:
    test = msgspec.structs.replace(ROLLED_BACK, topic=Topic.TEST, migration=None)
    assert "*production*" in json.loads(body(Kind.SLACK, test))["text"]


@pytest.mark.parametrize("text", ["<!channel>", "<https://evil.example|click>", "a & b"])
def test_no_text_becomes_a_mention_or_a_link(text: str) -> None:
    told = msgspec.structs.replace(ROLLED_BACK, text=text)
    written = json.loads(body(Kind.SLACK, told))["text"]
    assert "<" not in written
    assert ">" not in written
    assert "& " not in written


def test_a_long_text_is_cut() -> None:
    told = msgspec.structs.replace(ROLLED_BACK, text="x" * 10_000)
    written = json.loads(body(Kind.SLACK, told))["text"]
    assert len(written) < LONGEST_TEXT + 100
    assert written.endswith("…")


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_its_mark(topic: Topic) -> None:
    told = msgspec.structs.replace(ROLLED_BACK, topic=topic)
    assert json.loads(body(Kind.SLACK, told))["text"][0] in "▶⏸⏪⚠✋✅•✓"
