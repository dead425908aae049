"""What is decoded of OpenAI's answers, and nothing else; odd types of text must not hide usage."""

from __future__ import annotations

import msgspec

from proxy.dialects.count import Count


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


class Delta(msgspec.Struct, gc=False):
    # Text is `object` because some servers send lists of parts.
    content: object = None
    tool_calls: object = None
    reasoning_content: object = None
    reasoning: object = None
    refusal: object = None
    function_call: object = None
    audio: object = None


class Choice(msgspec.Struct, gc=False):
    delta: Delta | None = None
    text: object = None
    finish_reason: object = None
    usage: OpenAIUsage | None = None


class Groq(msgspec.Struct, gc=False):
    usage: OpenAIUsage | None = None


class Chunk(msgspec.Struct, gc=False):
    choices: list[Choice] | None = None
    usage: OpenAIUsage | None = None
    model: object = None
    error: object = None
    x_groq: Groq | None = None


class TextDelta(msgspec.Struct, gc=False):
    content: str | None = None


class TextChoice(msgspec.Struct, gc=False):
    delta: TextDelta | None = None
    finish_reason: None = None
    usage: None = None


class TextChunk(msgspec.Struct, gc=False):
    """A chunk that goes on with its text: what else counts must be missing or null."""

    choices: list[TextChoice]
    usage: None = None
    error: None = None


class End(msgspec.Struct, gc=False):
    finish_reason: object = None


class Body(msgspec.Struct, gc=False):
    choices: list[End] | None = None
    usage: OpenAIUsage | None = None
    model: object = None
    error: object = None


decode_chunk = msgspec.json.Decoder(Chunk, strict=False).decode
decode_text_chunk = msgspec.json.Decoder(TextChunk).decode
decode_body = msgspec.json.Decoder(Body, strict=False).decode
