"""A message in the form that its destination understands."""

from __future__ import annotations

from typing import assert_never

import msgspec

from control.notify.message import Message, Topic
from control.words.notifiers import Kind

LONGEST_TEXT = 3_000  # characters; Slack cuts what is longer at a place of its own

_MARKS = {
    Topic.STEP: "▶",
    Topic.PAUSED: "⏸",
    Topic.ROLLED_BACK: "⏪",
    Topic.BREACH: "⚠",
    Topic.APPROVAL: "✋",
    Topic.DONE: "✅",
    Topic.UPDATE: "•",
    Topic.TEST: "✓",
}


def body(kind: Kind, message: Message) -> bytes:
    """The JSON to send."""
    match kind:
        case Kind.SLACK:
            return msgspec.json.encode({"text": _slack(message)})
        case Kind.WEBHOOK:
            return msgspec.json.encode(message)
        case _:
            assert_never(kind)


def _slack(message: Message) -> str:
    where = message.environment
    if message.migration is not None:
        where = f"{message.environment} · {message.migration}"
    text = message.text
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…"
    return f"{_MARKS[message.topic]} *{_escaped(where)}*\n{_escaped(text)}"


def _escaped(text: str) -> str:
    """So that no text of an operator's becomes a link, a mention or a call to everyone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
