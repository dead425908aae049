"""Answers of OpenAI's chat completions, completions and embeddings, and of servers that copy them.

Usage may stand on any chunk: the extra last one with `choices: []` (OpenAI), the finishing one
(Mistral), every one (vLLM's continuous statistics), in `x_groq` (Groq) or in the choice (Moonshot).
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import astuple

from proxy.dialects.openai_words import (
    Choice,
    Delta,
    InputDetails,
    OpenAIUsage,
    OutputDetails,
    decode_body,
    decode_chunk,
    decode_text_chunk,
)
from proxy.dialects.sight import (
    BROKEN,
    ENDED,
    AnswerShape,
    Seen,
    Sight,
    Tokens,
    scan,
    weight,
)

LENGTH: Final = "length"  # the finish reason of an answer that reached a limit of tokens


def tokens_of(usage: OpenAIUsage | None) -> Tokens | None:
    """The tokens of a usage object; None for one that states neither input nor output."""
    if usage is None:
        return None
    # One call for all ten: compiled, each would cost as much when it is read by its name.
    prompt, given, completion, made, total, inside, within, parts, share, hit = astuple(usage)
    prompt = given if prompt is None else prompt
    completion = made if completion is None else completion
    if prompt is None and completion is None:
        return None
    return _tokens(prompt or 0, completion or 0, total, inside or within, parts or share, hit)


def _tokens(
    prompt: int,
    completion: int,
    total: int | None,
    inputs: InputDetails | None,
    outputs: OutputDetails | None,
    hit: int | None,
) -> Tokens:
    cached, written, reasoning = hit or 0, 0, 0
    if inputs is not None:
        cached = cached if inputs.cached_tokens is None else inputs.cached_tokens
        written = inputs.cache_write_tokens or 0
    cached = min(cached, prompt)
    written = min(written, prompt - cached)
    if outputs is not None:
        reasoning = outputs.reasoning_tokens or 0
    if reasoning and total == prompt + completion + reasoning:
        completion += reasoning  # xAI keeps reasoning out of completion_tokens; the total tells
    return Tokens(
        fresh=prompt - cached - written,
        cached=cached,
        cache_write=written,
        output=completion,
        reasoning=reasoning,
    )


def tokens_of_object(usage: object) -> Tokens | None:
    """The same, of a usage object that was cut out of broken JSON."""
    try:
        return tokens_of(msgspec.convert(usage, OpenAIUsage | None, strict=False))
    except BROKEN:
        return None


def event(payload: bytes) -> Seen:
    """What one chunk shows.

    Most are of text alone and decode as that, which is exact, and costs as much as two searches.
    """
    try:
        chunk = decode_text_chunk(payload)
    except BROKEN:
        return _other_event(payload)
    text = 0
    for choice in chunk.choices:
        delta = choice.delta
        content = None if delta is None else delta.content
        if not content:
            return _other_event(payload)
        text += len(content) if content.isascii() else weight(content)
    return text or _other_event(payload)


def _other_event(payload: bytes) -> Seen:
    try:
        chunk = decode_chunk(payload)
    except BROKEN:
        return ENDED if payload.strip() == b"[DONE]" else _broken(payload)
    text = 0
    ended = stopped = False
    choices: list[Choice] | None
    choices, usage, model, error, groq = astuple(chunk)
    if choices is not None:
        for choice in choices:
            delta, spoken, reason, own = astuple(choice)
            text += weight(spoken) if delta is None else _text(delta)
            if reason is not None:
                ended = True
                stopped = stopped or reason == LENGTH
            usage = usage or own
    if text and not ended and usage is None and error is None:
        return text
    if groq is not None:
        usage = usage or groq.usage
    named = model if isinstance(model, str) else None
    return Sight(text, tokens_of(usage), named, ended, error is not None, stopped)


def _text(delta: Delta) -> int:
    content = delta.content
    if content:
        return len(content) if type(content) is str and content.isascii() else weight(content)
    return (
        weight(delta.reasoning_content or delta.reasoning)
        + weight(delta.tool_calls)
        + weight(delta.refusal)
        + weight(delta.function_call)
        + (delta.audio is not None)  # sound: content, yet no text to count
    )


def body(answer: bytes) -> Sight:
    """What a whole answer shows: usage, model, and an error that came with status 200."""
    try:
        seen = decode_body(answer)
    except BROKEN:
        return _broken(answer)
    choices, usage, named, error = astuple(seen)
    model = named if isinstance(named, str) else None
    stopped = False
    for choice in choices or ():
        stopped = stopped or choice.finish_reason == LENGTH
    return Sight(0, tokens_of(usage), model, True, error is not None, stopped)


def _broken(fragment: bytes) -> Sight:
    return scan(fragment, b"usage", tokens_of_object)


CHAT = AnswerShape(event=event, body=body)
