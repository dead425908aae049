"""The usage that crossfade asks for is added as a splice, and nothing else is."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given

from proxy.dialects.call import Operation
from proxy.policy import Dialect, Edits
from proxy.routing import edit, fields
from proxy.routing.jsonscan import members
from tests.proxy.json_text import PAIRS, RANDOMS, spelled_body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", b'{"stream_options":{"include_usage":true}}'),
        (b' {"a":1 } ', b' {"a":1,"stream_options":{"include_usage":true} } '),
        (b'{"stream_options":null}', b'{"stream_options":{"include_usage":true}}'),
        (b'{"stream_options":{}}', b'{"stream_options":{"include_usage":true}}'),
        (
            b'{"stream_options":{"include_usage":false,"x":1},"a":1}',
            b'{"stream_options":{"include_usage":true,"x":1},"a":1}',
        ),
        (
            b'{"stream\\u005foptions":{"x":1}}',
            b'{"stream\\u005foptions":{"x":1,"include_usage":true}}',
        ),
    ],
)
def test_usage_is_asked_for(body: bytes, expected: bytes) -> None:
    assert edit.inject_usage(body, fields.read(body)) == expected


@pytest.mark.parametrize(
    "body", [b'{"stream_options":{"include_usage": true}}', b'{"stream_options":[1]}']
)
def test_usage_that_is_asked_for_or_cannot_be_leaves_the_same_object(body: bytes) -> None:
    assert edit.inject_usage(body, fields.read(body)) is body


def test_usage_is_asked_for_once_after_an_edit_put_the_options_in() -> None:
    body = b'{"a":1}'
    put_in = edit.apply(
        body,
        model=None,
        model_span=None,
        edits=Edits(set={"stream_options.x": "1"}),
        dialect=Dialect.OPENAI,
        operation=Operation.CHAT,
    )
    assert edit.inject_usage(put_in, fields.read(body)) == (
        b'{"a":1,"stream_options":{"x":1,"include_usage":true}}'
    )


@given(pairs=PAIRS, odd=RANDOMS)
def test_asking_for_usage_adds_nothing_else(pairs: list[tuple[str, object]], odd: Random) -> None:
    body = spelled_body(pairs, odd)
    result = edit.inject_usage(body, fields.read(body))
    assert json.loads(result) == {**json.loads(body), "stream_options": {"include_usage": True}}
    assert members(result)[: len(members(body))] == members(body)
