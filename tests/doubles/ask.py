"""What a request asks of a model API, whatever its dialect: the Ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

import msgspec

from tests.doubles.script import Script


class Operation(StrEnum):
    """Every call that the double answers; `ECHO` is every other path."""

    CHAT = "chat/completions"
    COMPLETIONS = "completions"
    RESPONSES = "responses"
    EMBEDDINGS = "embeddings"
    MODELS = "models"
    MESSAGES = "messages"
    COUNT_TOKENS = "messages/count_tokens"
    GENERATE = "generateContent"
    STREAM_GENERATE = "streamGenerateContent"
    GEMINI_COUNT = "countTokens"
    EMBED = "embedContent"
    BATCH_EMBED = "batchEmbedContents"
    GEMINI_MODELS = "gemini models"
    OLLAMA_CHAT = "api/chat"
    OLLAMA_GENERATE = "api/generate"
    OLLAMA_EMBED = "api/embed"
    OLLAMA_TAGS = "api/tags"
    ECHO = "echo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request as the answering side sees it. `number` is unique in its server."""

    operation: Operation
    model: str
    stream: bool
    body: Mapping[str, object]
    script: Script
    served_by: str
    number: int
    method: str = "POST"
    target: str = "/"
    anthropic: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def opening(self) -> str:
        """The first words of every generated text: who answered, and as which model."""
        return f"{self.served_by} as {self.model}:"


def understand(
    method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[Operation, str, bool, dict[str, object]]:
    """The operation, the model, whether a stream is wanted, and the decoded body."""
    path = target.partition("?")[0]
    decoded = _decoded(body)
    if found := _GEMINI.search(path):
        operation = Operation(found["verb"])
        streams = operation is Operation.STREAM_GENERATE
        return operation, unquote(found["model"]), streams, decoded
    operation = _named(path, headers)
    model = decoded.get("model")
    if not isinstance(model, str):
        inside = _AZURE.search(path)
        model = unquote(inside["model"]) if inside else "a-model"
    ollama = operation in (Operation.OLLAMA_CHAT, Operation.OLLAMA_GENERATE)
    return operation, model, bool(decoded.get("stream", ollama)), decoded


_GEMINI = re.compile(r"/models/(?P<model>[^/:]+):(?P<verb>[A-Za-z]+)$")
_AZURE = re.compile(r"/deployments/(?P<model>[^/]+)/")
_BY_SUFFIX = (
    Operation.CHAT,
    Operation.COUNT_TOKENS,
    Operation.MESSAGES,
    Operation.COMPLETIONS,
    Operation.RESPONSES,
    Operation.EMBEDDINGS,
    Operation.OLLAMA_CHAT,
    Operation.OLLAMA_GENERATE,
    Operation.OLLAMA_EMBED,
    Operation.OLLAMA_TAGS,
)


def _named(path: str, headers: Mapping[str, str]) -> Operation:
    for operation in _BY_SUFFIX:
        if path.endswith(f"/{operation}"):
            return operation
    if "/models" in path:
        return Operation.GEMINI_MODELS if "x-goog-api-key" in headers else Operation.MODELS
    return Operation.ECHO


def _decoded(body: bytes) -> dict[str, object]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
