"""The body's outline: what is cut out holds no name of the top level, and plain texts are known."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.outline import is_plain, without
from proxy.routing.wanted import decode

VALUES = st.recursive(
    st.sampled_from(["", "model", '"messages":[1]', 1, None, True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "model", "input", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:,", "detail": "low"}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
BODIES = st.lists(
    st.tuples(st.sampled_from(["messages", "input", "contents", "model", "x"]), VALUES), max_size=5
)


def text_of(pairs: list[tuple[str, object]], colon: str = ":") -> bytes:
    members = (json.dumps(name) + colon + json.dumps(value) for name, value in pairs)
    return ("{" + ",".join(members) + "}").encode()


@given(BODIES, st.sampled_from([":", " : ", ": "]))
def test_what_is_left_holds_every_name_of_the_top_level(
    pairs: list[tuple[str, object]], colon: str
) -> None:
    body = text_of(pairs, colon)
    try:
        wanted = decode(body)
    except msgspec.ValidationError:
        return
    rest, cut, shorter = without(body, wanted)
    if rest is not body:
        value = body[cut : cut + shorter + 1]
        assert body == rest[:cut] + value + rest[cut + 1 :]
        assert rest[cut] == 0
        json.loads(value)
        for name in {name for name, _ in pairs}:
            members = sum(name == other for other, _ in pairs)
            assert rest.count(json.dumps(name).encode()) >= members


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": "hello"}],
        [{"role": "system", "content": ""}, {"role": "user", "content": "[{", "name": "jo"}],
        [{"role": "user", "content": [{"type": "text", "text": "a"}, IMAGE]}],
        [{"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [{"role": "tool", "tool_call_id": "c", "content": "a"}],
    ],
)
def test_texts_images_and_calls_of_tools_are_plain(messages: object) -> None:
    assert is_plain(msgspec.Raw(json.dumps(messages).encode()))


@pytest.mark.parametrize(
    "messages",
    [
        "hello",
        {"role": "user", "content": "hello"},
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}],
        [{"role": "user", "content": [{"type": "item_reference", "text": "a"}]}],
        [{"role": "user", "content": [{"type": "file", "file_id": "file-1"}]}],
        [{"role": "assistant", "content": "a", "audio": {"id": "audio-1"}}],
        [{"role": "assistant", "tool_calls": [{"id": "c", "type": "custom", "custom": {}}]}],
        [{"role": 1, "content": "a"}],
    ],
)
def test_everything_else_is_not(messages: object) -> None:
    assert not is_plain(msgspec.Raw(json.dumps(messages).encode()))
