"""Request bodies in every spelling, and what the standard library's reader says of their fields."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from proxy.errors import DUPLICATE_FIELD, UNREADABLE_BODY, Failure
from tests.proxy.json_texts import Number, Pairs, object_texts, parsed, space, value_texts

names = st.sampled_from(
    [
        "model",
        "model",
        "stream",
        "stream_options",
        "user",
        "safety_identifier",
        "metadata",
        "user_id",
        "include_usage",
        "prompt",
        "previous_response_id",
        "conversation",
        "container",
        "cached_content",
        "cachedContent",
        "messages",
    ]
)
CONVERSATIONS = st.sampled_from(
    [
        [],
        [{"role": "user", "content": 'say "model" [{'}],
        [{"role": "user", "content": [{"type": "text", "text": "a\\"}]}],
        [{"role": "assistant", "tool_calls": [{"id": "c"}]}],
        [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}],
    ]
).map(json.dumps)
inner = object_texts(names, value_texts, 3)
bodies = st.builds(
    lambda before, text: (before + text).encode(),
    space,
    object_texts(
        names, value_texts | inner | CONVERSATIONS | st.sampled_from(["true", '"gpt-4o"', "7"]), 6
    ),
)
STATE = ("previous_response_id", "conversation", "container", "cached_content", "cachedContent")


def text_of(value: object) -> str | None:
    """What a sticky key makes of a value: strings and whole numbers, as the page says."""
    if not isinstance(value, Number):
        return value if isinstance(value, str) else None
    if len(value) > 4300 or not value.lstrip("-").isdigit():
        return None
    return str(int(value))


def inside(value: object, name: str) -> object:
    return dict(value).get(name) if isinstance(value, Pairs) else None


def is_named(value: object) -> bool:
    return value not in (None, "")


def outcome(body: bytes) -> Failure | dict[str, object]:
    """What the standard library's reader says that `read` must find; spans apart."""
    pairs = parsed(body)
    if pairs is None:
        return UNREADABLE_BODY
    every = [name for name, _ in pairs]
    if every.count("model") > 1 or every.count("stream") > 1:
        return DUPLICATE_FIELD
    last = dict(pairs)
    usage = inside(last.get("stream_options"), "include_usage")
    model, stream = last.get("model"), last.get("stream")
    return {
        "model": model if isinstance(model, str) and not isinstance(model, Number) else None,
        "stream": stream if isinstance(stream, bool) else None,
        "has_stream_options": "stream_options" in last,
        "stream_options_include_usage": usage if isinstance(usage, bool) else None,
        "user": text_of(last.get("user")),
        "safety_identifier": text_of(last.get("safety_identifier")),
        "metadata_user_id": text_of(inside(last.get("metadata"), "user_id")),
        "has_state": any(is_named(last.get(name)) for name in STATE),
        "has_prompt": is_named(last.get("prompt")),
    }
