"""Answers of OpenAI's chat completions, completions and embeddings, and of servers that copy them.

Usage may stand on any chunk: the extra last one with `choices: []` (OpenAI), the finishing one
(Mistral), every one (vLLM's continuous statistics), in `x_groq` (Groq) or in the choice (Moonshot).
"""

from __future__ import annotations

from typing import Final

import msgspec

from proxy.dialects.sight import (
    BROKEN,
    ENDED,
    AnswerShape,
    Count,
    Seen,
    Sight,
    Tokens,
    scan,
    weight,
)

LENGTH: Final = "length"  # the finish reason of an answer that reached a limit of tokens


class InputDetails(msgspec.Struct, gc=False):
    """Parts of the input."""

    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """Parts of the output."""

    reasoning_tokens: Count | None = None


class OpenAIUsage(msgspec.Struct, gc=False):
    """OpenAI's usage, in the words of chat completions, of Responses and of DeepSeek."""

    prompt_tokens: Count | None = None
    input_tokens: Count | None = None
    completion_tokens: Count | None = None
    output_tokens: Count | None = None
    total_tokens: Count | None = None
    prompt_tokens_details: InputDetails | None = None
    input_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    output_tokens_details: OutputDetails | None = None
    prompt_cache_hit_tokens: Count | None = None


def tokens_of(usage: OpenAIUsage | None) -> Tokens | None:
    """The tokens of a usage object; None for one that states neither input nor output."""
    if usage is None:
        return None
    prompt = _first(usage.prompt_tokens, usage.input_tokens)
    completion = _first(usage.completion_tokens, usage.output_tokens)
    if prompt is None and completion is None:
        return None
    prompt, completion = prompt or 0, completion or 0
    details = usage.prompt_tokens_details or usage.input_tokens_details or InputDetails()
    cached = min(_first(details.cached_tokens, usage.prompt_cache_hit_tokens) or 0, prompt)
    written = min(details.cache_write_tokens or 0, prompt - cached)
    parts = usage.completion_tokens_details or usage.output_tokens_details or OutputDetails()
    reasoning = parts.reasoning_tokens or 0
    if reasoning and usage.total_tokens == prompt + completion + reasoning:
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


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


class _Delta(msgspec.Struct, gc=False):
    # Text is `object` because some servers send lists of parts; an odd type must not hide usage.
    content: object = None
    tool_calls: object = None
    reasoning_content: object = None
    reasoning: object = None
    refusal: object = None
    function_call: object = None
    audio: object = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    text: object = None
    finish_reason: object = None
    usage: OpenAIUsage | None = None


class _Groq(msgspec.Struct, gc=False):
    usage: OpenAIUsage | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: OpenAIUsage | None = None
    model: object = None
    error: object = None
    x_groq: _Groq | None = None


class _End(msgspec.Struct, gc=False):
    finish_reason: object = None


class _Body(msgspec.Struct, gc=False):
    choices: list[_End] | None = None
    usage: OpenAIUsage | None = None
    model: object = None
    error: object = None


_chunk = msgspec.json.Decoder(_Chunk, strict=False).decode
_body = msgspec.json.Decoder(_Body, strict=False).decode


def event(payload: bytes) -> Seen:
    """What one chunk shows.

    Decoding every chunk costs 0.4 µs, as much as three searches for a word in it, and is exact.
    """
    try:
        chunk = _chunk(payload)
    except BROKEN:
        return ENDED if payload.strip() == b"[DONE]" else _broken(payload)
    text = 0
    ended = stopped = False
    usage = chunk.usage
    for choice in chunk.choices or ():
        text += _text(choice)
        if choice.finish_reason is not None:
            ended = True
            stopped = stopped or choice.finish_reason == LENGTH
        if choice.usage is not None:
            usage = usage or choice.usage
    if text and not ended and usage is None and chunk.error is None:
        return text
    if chunk.x_groq is not None:
        usage = usage or chunk.x_groq.usage
    model = chunk.model if isinstance(chunk.model, str) else None
    return Sight(text, tokens_of(usage), model, ended, chunk.error is not None, stopped)


def _text(choice: _Choice) -> int:
    delta = choice.delta
    if delta is None:
        return weight(choice.text)
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
        seen = _body(answer)
    except BROKEN:
        return _broken(answer)
    model = seen.model if isinstance(seen.model, str) else None
    stopped = any(choice.finish_reason == LENGTH for choice in seen.choices or ())
    return Sight(0, tokens_of(seen.usage), model, True, seen.error is not None, stopped)


def _broken(fragment: bytes) -> Sight:
    return scan(fragment, b"usage", tokens_of_object)


CHAT = AnswerShape(event=event, body=body)
