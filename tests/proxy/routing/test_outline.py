"""The body's outline: what is cut out holds no name of the top level, and plain texts are known."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.outline import beside_messages, is_plain, without
from proxy.routing.stored import _names
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
KEPT = {"type": "ephemeral", "ttl": "5m"}
PIXELS = {"type": "base64", "media_type": "image/png", "data": "aGk="}
THOUGHT = {"type": "thinking", "thinking": "a", "signature": "b"}
USE = {"type": "tool_use", "id": "t", "name": "f", "input": {"file_id": "own", "a": [{"b": 1.5}]}}
RESULT = {"type": "tool_result", "tool_use_id": "t"}
PLAIN: list[object] = [
    [],
    [{"role": "user", "content": "hello ]"}],
    [{"role": "assistant", "content": [{"type": "text", "text": "]"}, THOUGHT, USE]}],
]
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


@given(
    BODIES,
    st.integers(0, 5),
    st.sampled_from(PLAIN),
    st.sampled_from([":", " : ", ": "]),
    st.sampled_from(["", " ", "\n"]),
)
def test_plain_messages_are_found_in_one_pass(
    pairs: list[tuple[str, object]], at: int, messages: object, colon: str, behind: str
) -> None:
    others = [json.dumps(name) + colon + json.dumps(value) for name, value in pairs]
    others = [text for text in others if '"messages"' not in text]

    def holding(messages: object) -> bytes:
        member = f'"messages"{colon}{json.dumps(messages)}{behind}'
        return ("{" + ",".join([*others[:at], member, *others[at:]]) + "}").encode()

    body = holding(messages)
    found = beside_messages(body)
    assert found is not None
    rest, cut, removed = found
    assert rest == holding([])
    assert rest[cut:] == body[cut + removed :]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"messages":"hello"}',
        b'{"messages"',
        b'{"messages":',
        b'{"messages":[',
        b'{"messages":[]',
        b'{"messages":[] ',
        b'{"messages":[]]}',
        b'{"messages":[] x}',
        b'{"messages":[{"role":"user","content":"\xff"}]}',
        b'{"messages":[{"role":"user","content":"\\ud800"}]}',
        b'{"messages":[{"role":"user","content":NaN}]}',
        b'{"messages":[{"role":"user","content":' + b"[" * 100_000,
        b'{"messages":[{"JSON is malformed: trailing characters (byte 3)":1}],}',
        b'{"model":"messages","a":[]}',
        b"[" + b" " * 20_000 + b'"messages":[]}',
    ],
)
def test_messages_that_are_not_plain_or_not_whole_are_left_to_others(body: bytes) -> None:
    assert beside_messages(body) is None


@given(
    st.lists(
        st.recursive(
            st.sampled_from(["", "a", 1, None, True, "file_id", "reasoning"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["type", "file_id", "content", "text", "id", "input", "source", "role"]
                    ),
                    inner
                    | st.sampled_from(["text", "tool_use", "tool_result", "image", "reasoning"]),
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
        max_size=2,
    )
)
def test_nothing_plain_names_what_a_provider_keeps(parts: list[object]) -> None:
    messages = [{"role": "user", "content": [USE, *parts]}]
    if is_plain(msgspec.Raw(json.dumps(messages).encode())):
        assert not _names(messages)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": "hello"}],
        [{"role": "system", "content": ""}, {"role": "user", "content": "[{", "name": "jo"}],
        [{"role": "user", "content": [{"type": "text", "text": "a"}, IMAGE]}],
        [{"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [{"role": "tool", "tool_call_id": "c", "content": "a"}],
        [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": KEPT}]}],
        [{"role": "user", "content": [{"type": "image", "source": PIXELS}]}],
        [{"role": "assistant", "content": [THOUGHT, USE]}],
        [{"role": "user", "content": [{"tool_use_id": "t", "type": "tool_result"}]}],
        [{"role": "user", "content": [{**RESULT, "content": "a", "is_error": False}]}],
        [{"role": "user", "content": [{**RESULT, "content": [{"type": "text", "text": "a"}]}]}],
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
        [{"role": "user", "content": [{"text": "a"}]}],
        [{"role": "user", "content": [{"type": "text", "text": "a", "input": {}}]}],
        [{"role": "user", "content": [{"type": "image", "source": {**PIXELS, "file_id": "f"}}]}],
        [{"role": "user", "content": [{"type": "image", "source": {"type": "file"}}]}],
        [{"role": "user", "content": [{"type": "document", "source": {"type": "text"}}]}],
        [{"role": "user", "content": [{**RESULT, "content": [RESULT]}]}],
        [{"role": "user", "content": [{**RESULT, "content": [{"type": "x", "file_id": "f"}]}]}],
        [{"role": "assistant", "content": [{**USE, "input": {"a": [[[[[1]]]]]}}]}],
    ],
)
def test_everything_else_is_not(messages: object) -> None:
    assert not is_plain(msgspec.Raw(json.dumps(messages).encode()))
