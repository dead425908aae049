"""Answers of Anthropic's Messages: `message_start`, then cumulative usage on each `message_delta`.

Input is stated without caches, so that the parts add up. The output that `message_start` states is
a placeholder (1, or what has been made by then) and is never taken for the final figure.
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.dialects.count import Count
from proxy.dialects.sight import (
    BROKEN,
    ENDED,
    NOTHING,
    AnswerShape,
    Seen,
    Sight,
    Tokens,
    scan,
    weight,
)

_LENGTH: Final = "max_tokens"


class _Details(msgspec.Struct, gc=False):
    thinking_tokens: Count | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    output_tokens: Count | None = None
    output_tokens_details: _Details | None = None


class _Delta(msgspec.Struct, gc=False):
    text: object = None
    thinking: object = None
    partial_json: object = None
    stop_reason: object = None


class _Message(msgspec.Struct, gc=False):
    type: str = ""
    model: object = None
    usage: _Usage | None = None
    stop_reason: object = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: _Delta | None = None
    usage: _Usage | None = None
    message: _Message | None = None
    error: object = None


_event = msgspec.json.Decoder(_Event, strict=False).decode
_body = msgspec.json.Decoder(_Message, strict=False).decode


def event(payload: bytes) -> Seen:
    """What one event shows; an unknown type shows nothing."""
    try:
        seen = _event(payload)
    except BROKEN:
        return _broken(payload)
    match seen.type:
        case "content_block_delta":
            return NOTHING if seen.delta is None else _text(seen.delta)
        case "message_start":
            return NOTHING if seen.message is None else _start(seen.message)
        case "message_delta":
            stopped = seen.delta is not None and seen.delta.stop_reason == _LENGTH
            return Sight(tokens=_tokens(seen.usage), length_stop=stopped)
        case "message_stop":
            return ENDED
        case "error":
            return Sight(failed=True)
        case _:
            return Sight(failed=seen.error is not None)


def _text(delta: _Delta) -> int:
    return weight(delta.text or delta.thinking or delta.partial_json)


def _start(message: _Message) -> Sight:
    usage = message.usage
    if usage is not None:
        usage.output_tokens = None
    return Sight(tokens=_tokens(usage), model=_model(message))


def body(answer: bytes) -> Sight:
    """What a whole message shows."""
    try:
        message = _body(answer)
    except BROKEN:
        return _broken(answer)
    failed, stopped = message.type == "error", message.stop_reason == _LENGTH
    return Sight(0, _tokens(message.usage), _model(message), True, failed, stopped)


def _model(message: _Message) -> str | None:
    return message.model if isinstance(message.model, str) else None


def _tokens(usage: _Usage | None) -> Tokens | None:
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    details = usage.output_tokens_details
    return Tokens(
        fresh=usage.input_tokens,
        cached=usage.cache_read_input_tokens,
        cache_write=usage.cache_creation_input_tokens,
        output=usage.output_tokens,
        reasoning=None if details is None else details.thinking_tokens,
    )


def _broken(fragment: bytes) -> Sight:
    return scan(fragment, b"usage", _tokens_of_object)


def _tokens_of_object(usage: object) -> Tokens | None:
    try:
        return _tokens(msgspec.convert(usage, _Usage | None, strict=False))
    except BROKEN:
        return None


MESSAGES = AnswerShape(event=event, body=body)
