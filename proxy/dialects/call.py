"""The words of what a request asks for: Operation and Call."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from proxy.policy import Dialect


class Operation(StrEnum):
    """What a request asks a model API to do; a closed set, so it may be a label.

    `generate` is Gemini's generateContent and Ollama's /api/generate, `embed` is their embedding
    call, `stored` is every path that names something the provider keeps (files, assistants,
    threads, vector stores, conversations, batches, one stored answer), `other` is unknown.
    """

    CHAT = "chat"
    COMPLETIONS = "completions"
    RESPONSES = "responses"
    EMBEDDINGS = "embeddings"
    MESSAGES = "messages"
    COUNT_TOKENS = "count_tokens"
    GENERATE = "generate"
    EMBED = "embed"
    MODELS = "models"
    STORED = "stored"
    OTHER = "other"


class Call(NamedTuple):
    """What a request's method and target say about it, before its body is seen.

    `model` is the percent-decoded model where the path names one, and `model_span` its byte offsets
    in the target. `model_in_body` says that the body's top-level "model" names the model.
    `json_body` says that the body is JSON which routing, edits or sticky keys may need; it is also
    true for Gemini, whose path names the model. `streams` is None where the body decides.
    """

    dialect: Dialect
    operation: Operation
    model: str | None = None
    model_span: tuple[int, int] | None = None
    model_in_body: bool = False
    json_body: bool = False
    streams: bool | None = None
