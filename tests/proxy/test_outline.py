"""The body's outline: what is cut out holds no name of the top level, and plain texts are known."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.outline import is_plain, without
from proxy.wanted import decode

VALUES = st.recursive(
    st.sampled_from(["", "model", '"messages":[1]', 1, None, True]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "model", "input", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
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
    rest, cut, removed = without(body, wanted)
    value = body[cut : cut + removed]
    assert body == rest[:cut] + value + rest[cut:]
    if removed:
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
    ],
)
def test_roles_and_texts_are_plain(messages: object) -> None:
    assert is_plain(msgspec.Raw(json.dumps(messages).encode()))


@pytest.mark.parametrize(
    "messages",
    [
        "hello",
        {"role": "user", "content": "hello"},
        [{"role": "user"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [{"type": "file", "file_id": "file-1"}]}],
        [{"role": "assistant", "content": "a", "audio": {"id": "audio-1"}}],
        [{"role": "assistant", "content": "a", "tool_calls": []}],
        [{"role": 1, "content": "a"}],
    ],
)
def test_everything_else_is_not(messages: object) -> None:
    assert not is_plain(msgspec.Raw(json.dumps(messages).encode()))
