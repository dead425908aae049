"""Every kind of streamed call, as exact requests: where it goes, what it says, how it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from tests.doubles.requests import request
from tests.e2e import canary


class Shape(NamedTuple):
    """One call. `{model}` stands in the path where the dialect has it there.

    `opening` counts the pieces of the answer that come before its first generated content.
    """

    name: str
    dialect: str
    path: str
    body: Mapping[str, object]
    opening: int = 0

    def request(self, model: str, *lines: bytes, **script: object) -> bytes:
        """The request for a model, with every secret that a caller may have in it."""
        body = dict(self.body) if "{model}" in self.path else {"model": model} | dict(self.body)
        told = b"X-Script: " + json.dumps(script).encode()
        secret = f"Authorization: Bearer {canary.CALLER}".encode()
        target = self.path.format(model=model).encode()
        text = json.dumps(body, ensure_ascii=False).encode()
        return request(told, secret, *lines, target=target, body=text)


_MESSAGES = [{"role": "user", "content": f"{canary.PROMPT} naïve 🚦"}]
_CONTENTS = [{"role": "user", "parts": [{"text": canary.PROMPT}]}]

CHAT = Shape(
    "chat",
    "openai",
    "/v1/chat/completions",
    {"stream": True, "stream_options": {"include_usage": True}, "messages": _MESSAGES},
    opening=1,
)
SILENT = Shape(
    "chat without usage", "openai", CHAT.path, {"stream": True, "messages": _MESSAGES}, 1
)
COMPLETIONS = Shape(
    "completions",
    "openai",
    "/v1/completions",
    {"stream": True, "stream_options": {"include_usage": True}, "prompt": canary.PROMPT},
)
RESPONSES = Shape(
    "responses", "openai", "/v1/responses", {"stream": True, "input": canary.PROMPT}, 4
)
MESSAGES = Shape(
    "messages",
    "anthropic",
    "/v1/messages",
    {"stream": True, "max_tokens": 9, "messages": _MESSAGES},
    opening=3,
)
GENERATE = Shape(
    "generate",
    "gemini",
    "/v1beta/models/{model}:streamGenerateContent?alt=sse",
    {"contents": _CONTENTS},
)
ARRAY = Shape(
    "generate as an array",
    "gemini",
    "/v1beta/models/{model}:streamGenerateContent",
    {"contents": _CONTENTS},
)
OLLAMA_CHAT = Shape("ollama chat", "ollama", "/api/chat", {"messages": _MESSAGES})
OLLAMA_GENERATE = Shape("ollama generate", "ollama", "/api/generate", {"prompt": canary.PROMPT})
EMBEDDINGS = Shape("embeddings", "openai", "/v1/embeddings", {"input": canary.PROMPT})

STREAMS = (
    CHAT,
    COMPLETIONS,
    RESPONSES,
    MESSAGES,
    GENERATE,
    ARRAY,
    OLLAMA_CHAT,
    OLLAMA_GENERATE,
)
