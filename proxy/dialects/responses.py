"""Answers of OpenAI's Responses: named events; usage stands inside the final event's `response`."""

from __future__ import annotations

import msgspec

from proxy.dialects.openai import tokens_of, tokens_of_object
from proxy.dialects.openai_words import OpenAIUsage
from proxy.dialects.sight import BROKEN, NOTHING, AnswerShape, Seen, Sight, scan, weight


class _Incomplete(msgspec.Struct, gc=False):
    reason: object = None


class _Response(msgspec.Struct, gc=False):
    usage: OpenAIUsage | None = None
    model: object = None
    error: object = None
    incomplete_details: _Incomplete | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: object = None
    response: _Response | None = None
    error: object = None


_event = msgspec.json.Decoder(_Event, strict=False).decode
_body = msgspec.json.Decoder(_Response, strict=False).decode

_FINAL = frozenset(("response.completed", "response.incomplete", "response.failed"))


def event(payload: bytes) -> Seen:
    """What one event shows; every `….delta` is generated content."""
    try:
        seen = _event(payload)
    except BROKEN:
        return _broken(payload)
    if seen.delta is not None:
        return weight(seen.delta) if seen.type.endswith(".delta") else NOTHING
    if seen.response is not None:
        return _whole(seen.response, seen.type)
    if seen.type == "error" or seen.error is not None:
        return Sight(failed=True)
    return NOTHING


def body(answer: bytes) -> Sight:
    """What a whole answer shows: usage, model, and the error of a response that failed."""
    try:
        return _whole(_body(answer), "response.completed")
    except BROKEN:
        return _broken(answer)


def _whole(response: _Response, event_type: str) -> Sight:
    incomplete = response.incomplete_details
    return Sight(
        tokens=tokens_of(response.usage),
        model=response.model if isinstance(response.model, str) else None,
        ended=event_type in _FINAL,
        failed=response.error is not None or event_type == "response.failed",
        length_stop=incomplete is not None and incomplete.reason == "max_output_tokens",
    )


def _broken(fragment: bytes) -> Sight:
    return scan(fragment, b"usage", tokens_of_object)


RESPONSES = AnswerShape(event=event, body=body)
