"""Answers of Ollama's own API: lines of JSON; the last says `done` and holds the counts."""

from __future__ import annotations

import re

import msgspec

from proxy.dialects.count import Count
from proxy.dialects.sight import BROKEN, AnswerShape, Seen, Sight, Tokens, scan, weight


class _Message(msgspec.Struct, gc=False):
    content: object = None
    thinking: object = None
    tool_calls: object = None


class _Line(msgspec.Struct, gc=False):
    model: object = None
    message: _Message | None = None
    response: object = None
    thinking: object = None
    done: object = None
    done_reason: object = None
    prompt_eval_count: Count | None = None
    eval_count: Count | None = None
    error: object = None


_line = msgspec.json.Decoder(_Line, strict=False).decode


def event(payload: bytes) -> Seen:
    """What one line shows."""
    try:
        line = _line(payload)
    except BROKEN:
        return _broken(payload)
    text = _text(line)
    if text and line.done is False:
        return text
    return _sight(line, text)


def body(answer: bytes) -> Sight:
    """What a whole answer shows."""
    try:
        line = _line(answer)
    except BROKEN:
        return _broken(answer)
    return _sight(line, 0)


def _text(line: _Line) -> int:
    message = line.message
    if message is None:
        return weight(line.response or line.thinking)
    return weight(message.content or message.thinking or message.tool_calls)


def _sight(line: _Line, text: int) -> Sight:
    return Sight(
        text,
        _tokens(line.prompt_eval_count, line.eval_count),
        line.model if isinstance(line.model, str) else None,
        line.done is True,
        line.error is not None,
        line.done_reason == "length",
    )


def _tokens(prompt: int | None, output: int | None) -> Tokens | None:
    """Ollama leaves out a count of zero: the prompt's when it was cached, the output of embed."""
    if prompt is None and output is None:
        return None
    return Tokens(fresh=prompt or 0, cached=0, cache_write=0, output=output or 0)


_PROMPT = re.compile(rb'"prompt_eval_count"\s*:\s*(\d{1,12})\b')
_OUTPUT = re.compile(rb'"eval_count"\s*:\s*(\d{1,12})\b')


def _broken(fragment: bytes) -> Sight:
    """The counts are no object of their own, so they are looked for one by one."""
    seen = scan(fragment, b"usage", lambda _: None)
    prompt, output = _PROMPT.search(fragment), _OUTPUT.search(fragment)
    tokens = _tokens(
        None if prompt is None else int(prompt[1]), None if output is None else int(output[1])
    )
    return Sight(seen.text, tokens, None, seen.ended)


OLLAMA = AnswerShape(event=event, body=body)
