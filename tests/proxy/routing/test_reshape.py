"""Members are dropped, renamed, rewritten and added; the others stay byte for byte."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Refused
from proxy.routing.jsonscan import Member, members
from proxy.routing.reshape import Changes, Rewrite, reshaped, same
from tests.proxy.json_text import NAMES, PAIRS, RANDOMS, canonical, spelled_body


def to(value: bytes | None) -> Rewrite:
    return lambda _: value


def kept(value: bytes | None) -> bytes | None:
    return value


def changes(
    *, to_: dict[str, Rewrite] | None = None, drop: tuple[str, ...] = (), **rename: str
) -> Changes:
    return Changes(to_ or {}, drop, rename)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        (b'{"a":1,"b":2,"c":3}', changes(drop=("a",)), b'{"b":2,"c":3}'),
        (b'{"a":1,"b":2,"c":3}', changes(drop=("b",)), b'{"a":1,"c":3}'),
        (b'{"a":1,"b":2,"c":3}', changes(drop=("c",)), b'{"a":1,"b":2}'),
        (b'{"a":1,"b":2,"c":3}', changes(drop=("a", "b")), b'{"c":3}'),
        (b'{"a":1,"b":2,"c":3}', changes(drop=("a", "c")), b'{"b":2}'),
        (b'{"a":1,"b":2,"c":3}', changes(drop=("b", "c")), b'{"a":1}'),
        (b'{ "a" : 1 , "b" : 2 }', changes(drop=("a", "b")), b"{  }"),
        (b'{ "a" : 1 , "b" : 2 }', changes(drop=("a",)), b'{ "b" : 2 }'),
        (b'{ "a" : 1 , "b" : 2 }', changes(drop=("b",)), b'{ "a" : 1 }'),
        (b'{"a":1,"a":2,"b":3}', changes(drop=("a",)), b'{"b":3}'),
        (b'{"a":1}', changes(to_={"b": to(b"2")}), b'{"a":1,"b":2}'),
        (b"{}", changes(to_={"b": to(b"2")}), b'{"b":2}'),
        (b" { } ", changes(to_={"b": to(b"2"), "c": to(b"3")}), b' {"b":2,"c":3 } '),
        (b'{"a":1}', changes(to_={"b": to(b"2")}, drop=("a",)), b'{"b":2}'),
        (b'{"a":1}', changes(to_={"a": to(b"2")}), b'{"a":2}'),
        (b'{"a":1,"a":2}', changes(to_={"a": to(b"3")}), b'{"a":3,"a":3}'),
        (b'{"a" : 1}', changes(a="b"), b'{"b" : 1}'),
        (b'{"a":1,"b":2}', changes(a="b"), b'{"b":2}'),
        (b'{"a":1,"b":2}', changes(b="a"), b'{"a":1}'),
        (b'{"\\u0061":1}', changes(to_={"a": to(b"2")}), b'{"\\u0061":2}'),
        (b'{"a":{"b":1},"b":2}', changes(drop=("b",)), b'{"a":{"b":1}}'),
    ],
)
def test_an_object_is_changed_where_it_is_said(
    text: bytes, wanted: Changes, expected: bytes
) -> None:
    assert reshaped(text, wanted) == expected


@pytest.mark.parametrize(
    "wanted",
    [
        Changes({}),
        changes(drop=("x",)),
        changes(x="y"),
        changes(to_={"x": to(None)}),
        changes(to_={"a": to(None)}),
        changes(to_={"a": kept, "x": kept}),
    ],
)
def test_what_changes_nothing_gives_the_same_object(wanted: Changes) -> None:
    text = b'{"a": 1, "b": {"x": 2}}'
    assert reshaped(text, wanted) is text


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b'{"a":1', b'{"a":1}{}', b'{"a":NaN}'])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(Refused):
        reshaped(text, Changes({}))


def outside(text: bytes, named: set[str]) -> tuple[bytes, list[bytes], bytes]:
    """All that stands outside of the named members: what is around, and the others' own text."""
    found: list[Member] = members(text)
    others = [text[each.key_start : each.value_end] for each in found if each.key not in named]
    return text.partition(b"{")[0], others, text.rpartition(b"}")[2]


@given(
    pairs=PAIRS,
    odd=RANDOMS,
    fates=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["drop", "put", "rename"])),
)
def test_any_change_of_any_object_is_the_one_made_on_its_values(
    pairs: list[tuple[str, object]], odd: Random, fates: dict[str, str]
) -> None:
    body = spelled_body(pairs, odd)
    put = {name: to(b'{"new":[0.5]}') for name, fate in fates.items() if fate == "put"}
    drop = tuple(name for name, fate in fates.items() if fate == "drop")
    # Half of the new names are there already, as often as not.
    free = [name for name in NAMES if name not in fates]
    new_names = [*free[::2], "new-1", "new-2", "new-3", "new-4", "new-5"]
    old_names = [name for name, fate in fates.items() if fate == "rename"]
    rename = dict(zip(old_names, new_names, strict=False))
    expected: dict[str, object] = json.loads(body)
    for old, new in rename.items():
        if old in expected:
            value = expected.pop(old)
            expected.setdefault(new, value)
    for name in drop:
        expected.pop(name, None)
    expected |= {name: {"new": [0.5]} for name in put}

    result = reshaped(body, Changes(put, drop, rename))

    assert canonical(json.loads(result)) == canonical(expected)
    named = {*put, *drop, *rename, *rename.values()}
    assert outside(result, named) == outside(body, named)


@given(pairs=PAIRS, odd=RANDOMS)
def test_no_change_of_any_object_gives_the_same_object(
    pairs: list[tuple[str, object]], odd: Random
) -> None:
    body = spelled_body(pairs, odd)
    rewrites: dict[str, Rewrite] = dict.fromkeys((*NAMES, "x"), kept)
    assert reshaped(body, Changes(rewrites, ("y",), {"z": "a"})) is body


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (b"1", b"1", True),
        (b"0.20", b"2e-1", True),
        (b'"\\u00e9"', '"é"'.encode(), True),
        (b'{"a":1,"b":[ ]}', b'{ "b":[],"a":1 }', True),
        (b"1", b"1.0", False),
        (b"1", b"true", False),
        (b"[1,2]", b"[2,1]", False),
        (b"9" * 5_000, b"9" * 5_000, True),
        (b"9" * 5_000, b"9" * 5_001, False),
    ],
)
def test_values_are_the_same_whatever_their_spelling(one: bytes, other: bytes, alike: bool) -> None:
    assert same(one, other) is alike
    assert same(other, one) is alike
