"""proxy/routing/jsonscan.py against the standard library's reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import UNREADABLE_BODY, Refused
from proxy.routing.jsonscan import MAX_DEPTH, check_skipped, members
from tests.proxy.json_texts import (
    Number,
    damaged,
    junk,
    object_texts,
    parsed,
    space,
    strings,
    value_texts,
)

bodies = st.builds(
    lambda before, text, after: f"{before}{text}{after}".encode(),
    space,
    object_texts(strings, value_texts, 6),
    space,
)


def nested(levels: int) -> bytes:
    """An object that holds arrays, `levels` deep in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def values_of(body: bytes) -> list[object]:
    spelled = [body[each.value_start : each.value_end] for each in members(body)]
    return [
        json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=list)
        for text in spelled
    ]


@given(bodies)
def test_every_member_stands_where_the_scan_says(body: bytes) -> None:
    expected = parsed(body)
    assert expected is not None
    found = members(body)
    assert [each.key for each in found] == [name for name, _ in expected]
    assert [json.loads(body[each.key_start : each.key_end]) for each in found] == [
        name for name, _ in expected
    ]
    assert values_of(body) == [value for _, value in expected]


@given(bodies, st.integers(min_value=0), junk, st.integers(0, 3))
def test_damaged_bodies_are_refused_where_a_strict_reader_refuses_them(
    body: bytes, place: int, stuff: bytes, cut: int
) -> None:
    hurt = damaged(body, place, stuff, cut)
    if parsed(hurt) is not None:
        members(hurt)
        return
    with pytest.raises(Refused) as refused:
        members(hurt)
    assert refused.value.failure is UNREADABLE_BODY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"{}}",
        b"{} junk",
        b'{"a":1}{"a":1}',
        b'{"a":1,}',
        b'{"a" 1}',
        b"{a:1}",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":.5}',
        b'{"a":1.}',
        b'{"a":tru}',
        b'{"a":"\n"}',
        b'{"a":"\\x41"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"\\ud800":1}',
        b'{"a":"\xff"}',
        b'{"\xff":1}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xc0\xaf"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"a":\x0b1}',
        b"{}\x00",
        b'{"a":1 /* no */}',
    ],
)
def test_what_is_no_strict_json_object_is_refused(body: bytes) -> None:
    assert parsed(body) is None
    with pytest.raises(Refused) as refused:
        members(body)
    assert refused.value.failure is UNREADABLE_BODY


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 300, 1_000, 1_000_000])
def test_deeper_nesting_than_the_limit_is_refused(levels: int) -> None:
    with pytest.raises(Refused) as refused:
        members(nested(levels))
    assert refused.value.failure is UNREADABLE_BODY


@pytest.mark.parametrize("levels", [2, 255 - 128, MAX_DEPTH])
def test_nesting_up_to_the_limit_is_read(levels: int) -> None:
    assert [each.key for each in members(nested(levels))] == ["a"]


def test_a_long_flat_body_is_not_taken_for_a_deep_one() -> None:
    body = b'{"a":[' + b",".join([b'{"b":[1]}'] * 1_000) + b"]}"
    assert len(members(body)) == 1


@pytest.mark.parametrize("hidden", [b"]]]]}}}}", b'\\"]]]]', b"\\\\"])
def test_brackets_in_strings_neither_hide_nor_feign_depth(hidden: bytes) -> None:
    level = b'["' + hidden + b'",'
    deep = b'{"a":' + level * 300 + b"1" + b"]" * 300 + b"}"
    with pytest.raises(Refused):
        members(deep)
    feigned = b'{"a":"' + b"[{" * 1_000 + b'"}'
    assert len(members(feigned)) == 1


def test_repeated_names_are_all_found() -> None:
    body = b'{"a": [1, "]"], "\\u0061": 23, "a": 2, "b": {"a": "}"}, "a": [1, "]"]}'
    found = members(body)
    assert [each.key for each in found] == ["a", "a", "a", "b", "a"]
    assert values_of(body)[:3] == [[Number("1"), "]"], Number("23"), Number("2")]


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    with pytest.raises(Refused) as refused:
        members(b'{"CANARY-PROMPT-1": CANARY-PROMPT-2}')
    assert "CANARY" not in f"{refused.value} {refused.value.detail}"
    assert refused.value.__suppress_context__


def test_what_msgspec_skips_is_checked_apart() -> None:
    check_skipped('{"a":"ü"}'.encode())
    with pytest.raises(Refused):
        check_skipped(b'{"a":"\xfc"}')
