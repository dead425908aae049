"""One streaming call of each dialect, and where its errors stand: Spoken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from proxy.policy import Dialect
from tests.doubles.requests import request


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """`find` picks the error's code out of a decoded error."""

    name: str
    dialect: Dialect
    target: bytes
    streaming: bytes | None = None  # the target of a stream, where that is another
    members: dict[str, object]
    find: Callable[[dict[str, object]], object]

    def __str__(self) -> str:
        return self.name

    def ask(self, *lines: bytes, stream: bool = False, **script: object) -> bytes:
        """A request; `script` tells the upstream double what to answer."""
        told = b"X-Script: " + json.dumps(script).encode()
        body = json.dumps(self.members | {"stream": stream}).encode()
        target = self.streaming if stream and self.streaming is not None else self.target
        return request(told, *lines, target=target, body=body)

    def error_code(self, event: bytes) -> object:
        """The code inside an error event or an error answer's body."""
        text = event.strip()
        if b"data: " in text:
            text = text.partition(b"data: ")[2]
        return self.find(json.loads(text))


def _inside(shape: dict[str, object]) -> dict[str, object]:
    error = shape["error"]
    assert isinstance(error, dict)
    return error


def _of_gemini(shape: dict[str, object]) -> object:
    details = _inside(shape)["details"]
    assert isinstance(details, list)
    return details[0]["reason"]


_MESSAGES = [{"role": "user", "content": "CANARY-PROMPT-wire"}]
_GEMINI = b"/v1beta/models/gemini:"

CALLS = (
    Spoken(
        name="chat",
        dialect=Dialect.OPENAI,
        target=b"/v1/chat/completions",
        members={"model": "gpt-4o", "messages": _MESSAGES},
        find=lambda shape: _inside(shape)["code"],
    ),
    Spoken(
        name="responses",
        dialect=Dialect.OPENAI,
        target=b"/v1/responses",
        members={"model": "gpt-4o", "input": "CANARY-PROMPT-wire"},
        find=lambda shape: shape.get("code") or _inside(shape)["code"],
    ),
    Spoken(
        name="messages",
        dialect=Dialect.ANTHROPIC,
        target=b"/v1/messages",
        members={"model": "claude", "max_tokens": 9, "messages": _MESSAGES},
        find=lambda shape: _inside(shape)["code"],
    ),
    Spoken(
        name="gemini",
        dialect=Dialect.GEMINI,
        target=_GEMINI + b"generateContent",
        streaming=_GEMINI + b"streamGenerateContent?alt=sse",
        members={"contents": [{"role": "user", "parts": [{"text": "CANARY-PROMPT-wire"}]}]},
        find=_of_gemini,
    ),
    Spoken(
        name="ollama",
        dialect=Dialect.OLLAMA,
        target=b"/api/chat",
        members={"model": "llama", "messages": _MESSAGES},
        find=lambda shape: shape["code"],
    ),
)
