"""Answers of Gemini: every chunk may carry `usageMetadata`, and the last one counts."""

from __future__ import annotations

import msgspec

from proxy.dialects.count import Count
from proxy.dialects.sight import BROKEN, AnswerShape, Sight, Tokens, scan, weight


class _Usage(msgspec.Struct, gc=False, rename="camel"):
    prompt_token_count: Count | None = None
    candidates_token_count: Count | None = None
    thoughts_token_count: Count | None = None
    cached_content_token_count: Count | None = None
    tool_use_prompt_token_count: Count | None = None


class _Part(msgspec.Struct, gc=False, rename="camel"):
    text: object = None
    function_call: object = None
    executable_code: object = None
    code_execution_result: object = None
    inline_data: msgspec.Raw = msgspec.Raw()


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: object = None


class _Feedback(msgspec.Struct, gc=False, rename="camel"):
    block_reason: object = None


class _Chunk(msgspec.Struct, gc=False, rename="camel"):
    candidates: list[_Candidate] | None = None
    usage_metadata: _Usage | None = None
    model_version: object = None
    prompt_feedback: _Feedback | None = None
    error: object = None


_chunk = msgspec.json.Decoder(_Chunk, strict=False).decode


def read(payload: bytes) -> Sight:
    """What one chunk, or a whole answer, shows.

    A chunk ends the stream with a finish reason or with the reason why a prompt was blocked.
    """
    try:
        chunk = _chunk(payload)
    except BROKEN:
        return scan(payload, b"usageMetadata", _tokens_of_object)
    text = 0
    stopped = False
    ended = chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None
    for candidate in chunk.candidates or ():
        if candidate.content is not None:
            text += sum(map(_weight, candidate.content.parts or ()))
        if candidate.finish_reason is not None:
            ended = True
            stopped = stopped or candidate.finish_reason == "MAX_TOKENS"
    model = chunk.model_version if isinstance(chunk.model_version, str) else None
    return Sight(
        text, _tokens(chunk.usage_metadata), model, ended, chunk.error is not None, stopped
    )


def _weight(part: _Part) -> int:
    if part.text is not None:
        return weight(part.text)
    return (
        weight(part.function_call)
        + weight(part.executable_code)
        + weight(part.code_execution_result)
        + bool(part.inline_data)  # an image or sound: content, yet no text to count
    )


def _tokens(usage: _Usage | None) -> Tokens | None:
    """Output is candidates and thoughts; the results of tools are input.

    Vertex's first chunks state no counts at all: they must not hide those of other chunks.
    """
    if usage is None or (usage.prompt_token_count is None and usage.candidates_token_count is None):
        return None
    prompt = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
    cached = min(usage.cached_content_token_count or 0, prompt)
    thoughts = usage.thoughts_token_count or 0
    return Tokens(
        fresh=prompt - cached,
        cached=cached,
        cache_write=0,
        output=(usage.candidates_token_count or 0) + thoughts,
        reasoning=thoughts,
    )


def _tokens_of_object(usage: object) -> Tokens | None:
    try:
        return _tokens(msgspec.convert(usage, _Usage | None, strict=False))
    except BROKEN:
        return None


GENERATE = AnswerShape(event=read, body=read)
