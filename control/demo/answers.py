"""What the demo's model APIs say: whole answers and streams of three dialects. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from proxy.policy import Dialect

CREATED = 1_790_000_000
SPEECH = "Your parcel left this morning and will be with you tomorrow before noon."

_GENERATE = re.compile(
    r"/v1(?:beta)?/models/(?P<model>[^/:]+):(?P<verb>streamGenerateContent|generateContent)$"
)

Event = tuple[str | None, object]  # an SSE event's name, if it has one, and its data


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks for, as far as an answer needs to know it."""

    dialect: Dialect
    model: str
    size: int
    stream: bool
    wants_usage: bool = False

    @property
    def tokens_in(self) -> int:
        """Four bytes of a request are about one token."""
        return max(1, self.size // 4)


def understand(path: str, body: bytes) -> Asked | None:
    """What a POST to a path asks for; None where this API has nothing to say. Raises ValueError."""
    generate = _GENERATE.match(path)
    if generate is not None:
        return _asked(Dialect.GEMINI, generate["model"], body, generate["verb"].startswith("s"))
    dialect = {"/v1/chat/completions": Dialect.OPENAI, "/v1/messages": Dialect.ANTHROPIC}.get(path)
    if dialect is None:
        return None
    fields = json.loads(body)
    if not isinstance(fields, dict):
        raise ValueError("the body is no object")
    options = fields.get("stream_options")
    wants = isinstance(options, dict) and options.get("include_usage") is True
    return _asked(dialect, str(fields.get("model")), body, fields.get("stream") is True, wants)


def whole(asked: Asked, words: Sequence[str]) -> object:
    """The answer in one piece."""
    text = " ".join(words)
    match asked.dialect:
        case Dialect.ANTHROPIC:
            content = [{"type": "text", "text": text}]
            return _message(asked, content, "end_turn", _anthropic_usage(asked, len(words)))
        case Dialect.GEMINI:
            return _candidates(asked, text, len(words), "STOP")
        case _:
            message = {"role": "assistant", "content": text, "refusal": None}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            used = _openai_usage(asked, len(words))
            return _completion(asked, "chat.completion", [choice]) | {"usage": used}


def events(asked: Asked, words: Sequence[str]) -> list[Event]:
    """The answer as a stream: the first event brings the first word or comes just before it."""
    match asked.dialect:
        case Dialect.ANTHROPIC:
            return _anthropic_events(asked, words)
        case Dialect.GEMINI:
            last = len(words) - 1
            return [
                (None, _candidates(asked, f"{word} ", n + 1, "STOP" if n == last else None))
                for n, word in enumerate(words)
            ]
        case _:
            return _openai_events(asked, words)


def frame(event: Event) -> bytes:
    """An event as it stands in a server-sent stream."""
    name, data = event
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def _asked(dialect: Dialect, model: str, body: bytes, stream: bool, wants: bool = False) -> Asked:
    return Asked(dialect=dialect, model=model, size=len(body), stream=stream, wants_usage=wants)


def _completion(asked: Asked, kind: str, choices: list[object]) -> dict[str, object]:
    top = {"id": "chatcmpl-demo", "object": kind, "created": CREATED, "model": asked.model}
    return {**top, "choices": choices}


def _openai_usage(asked: Asked, out: int) -> dict[str, int]:
    tokens = asked.tokens_in
    return {"prompt_tokens": tokens, "completion_tokens": out, "total_tokens": tokens + out}


def _openai_events(asked: Asked, words: Sequence[str]) -> list[Event]:
    kind = "chat.completion.chunk"
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": f"{word} "} for word in words]
    choices: list[object] = [
        {"index": 0, "delta": delta, "finish_reason": None} for delta in deltas
    ]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    stream: list[Event] = [(None, _completion(asked, kind, [choice])) for choice in choices]
    if asked.wants_usage:
        used = _openai_usage(asked, len(words))
        stream.append((None, _completion(asked, kind, []) | {"usage": used}))
    return [*stream, (None, "[DONE]")]


def _anthropic_usage(asked: Asked, out: int) -> dict[str, int]:
    return {"input_tokens": asked.tokens_in, "output_tokens": out}


def _message(
    asked: Asked, content: list[dict[str, str]], stop: str | None, usage: dict[str, int]
) -> dict[str, object]:
    top = {"id": "msg_demo", "type": "message", "role": "assistant", "model": asked.model}
    return {**top, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def _anthropic_events(asked: Asked, words: Sequence[str]) -> list[Event]:
    data: list[dict[str, object]] = [
        {"type": "message_start", "message": _message(asked, [], None, _anthropic_usage(asked, 1))},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    ]
    data += [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": f"{word} "},
        }
        for word in words
    ]
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    data += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": len(words)}},
        {"type": "message_stop"},
    ]
    return [(str(one["type"]), one) for one in data]


def _candidates(asked: Asked, text: str, out: int, finish: str | None) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"parts": [{"text": text}], "role": "model"}}
    if finish:
        candidate["finishReason"] = finish
    tokens = asked.tokens_in
    used = {
        "promptTokenCount": tokens,
        "candidatesTokenCount": out,
        "totalTokenCount": tokens + out,
    }
    return {"candidates": [candidate], "usageMetadata": used, "modelVersion": asked.model}
