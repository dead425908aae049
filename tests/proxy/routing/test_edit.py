"""An arm's model and edits reach the body as splices; what they do not name stays."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Operation
from proxy.policy import Dialect, Edits, SystemPrompt
from proxy.routing import edit, fields
from proxy.routing.jsonscan import members
from tests.proxy.json_text import (
    NAMES,
    PAIRS,
    RANDOMS,
    VALUES,
    canonical,
    spelled,
    spelled_body,
)

CHAT = Operation.CHAT


def apply(
    body: bytes,
    edits: Edits | None = None,
    *,
    model: str | None = None,
    operation: Operation = CHAT,
    dialect: Dialect = Dialect.OPENAI,
) -> bytes:
    return edit.apply(
        body,
        model=model,
        model_span=fields.read(body).model_span,
        edits=edits or Edits(),
        dialect=dialect,
        operation=operation,
    )


# The model.


@pytest.mark.parametrize(
    ("body", "model", "expected"),
    [
        (b'{"model":"gpt-4o","n":1}', "o1", b'{"model":"o1","n":1}'),
        (b' {"n":1, "model" : "gpt-4o" } ', "o1", b' {"n":1, "model" : "o1" } '),
        (b'{"m\\u006fdel":"gpt\\u002d4o"}', "o1", b'{"m\\u006fdel":"o1"}'),
        (b'{"model":"a"}', 'q"\\\N{SNOWMAN}\n', b'{"model":"q\\"\\\\\xe2\x98\x83\\n"}'),
        (b'{"model":"a","x":{"model":"a"}}', "b", b'{"model":"b","x":{"model":"a"}}'),
    ],
)
def test_the_model_is_spliced_in(body: bytes, model: str, expected: bytes) -> None:
    assert apply(body, model=model) == expected


@pytest.mark.parametrize(
    ("body", "model"),
    [
        (b'{"model":"gpt-4o"}', "gpt-4o"),
        (b'{"model":"gpt\\u002d4o"}', "gpt-4o"),
        (b'{"model":"meta\\/llama"}', "meta/llama"),
        (b'{"model":"gpt-4o"}', None),
        (b'{"model":7}', "gpt-4o"),
        (b"{}", "gpt-4o"),
    ],
)
def test_an_equal_or_absent_model_leaves_the_same_object(body: bytes, model: str | None) -> None:
    assert apply(body, model=model) is body


def test_the_model_and_edits_on_both_sides_of_it_are_spliced_at_once() -> None:
    body = b'{"max_tokens":5,"model":"a","messages":[{"role":"system","content":"x"}],"seed":1}'
    edits = Edits(
        set={"temperature": "0.2"},
        drop=("seed",),
        rename={"max_tokens": "max_completion_tokens"},
        system_prompt=SystemPrompt(text="y"),
    )
    assert apply(body, edits, model="b") == (
        b'{"max_completion_tokens":5,"model":"b","messages":[{"role":"system","content":"y"}]'
        b',"temperature":0.2}'
    )


@given(pairs=PAIRS, odd=RANDOMS, old=st.text(max_size=5), new=st.text(min_size=1, max_size=5))
def test_any_model_of_any_body_is_changed_alone(
    pairs: list[tuple[str, object]], odd: Random, old: str, new: str
) -> None:
    at = odd.randint(0, len(pairs))
    body = spelled_body([*pairs[:at], ("model", old), *pairs[at:]], odd)
    result = apply(body, model=new)
    span = fields.read(body).model_span
    assert span is not None
    assert result[: span[0]] == body[: span[0]]
    assert result.endswith(body[span[1] :])
    assert json.loads(result) == {**json.loads(body), "model": new}
    assert (result is body) is (old == new)


# Setting, dropping, renaming.


@pytest.mark.parametrize(
    ("body", "edits", "expected"),
    [
        (b'{"a":1}', {"set": {"a.b": "2"}}, b'{"a":1}'),
        (b'{"a":[{"b":1}]}', {"set": {"a.b": "2"}, "drop": ("a.c",)}, b'{"a":[{"b":1}]}'),
        (b'{"a":null}', {"set": {"a.b": "2"}}, b'{"a":{"b":2}}'),
        (b'{"a":{"b":1,"c":2}}', {"set": {"a.b": "2"}}, b'{"a":{"b":2,"c":2}}'),
        (
            b'{"a":{"b":1,"c":2}}',
            {"set": {"a.d.e": "3"}, "drop": ("a.b",)},
            b'{"a":{"c":2,"d":{"e":3}}}',
        ),
        (b"{}", {"set": {"a.b": "1", "a.c": "2"}}, b'{"a":{"b":1,"c":2}}'),
        (b'{"a":{"b":1}}', {"drop": ("a.b",)}, b'{"a":{}}'),
        (b"{}", {"drop": ("a.b", "c")}, b"{}"),
        (b'{"a":null}', {"drop": ("a.b",)}, b'{"a":null}'),
        (b'{"a":true}', {"set": {"a": "1"}}, b'{"a":1}'),
        (b'{"a":1.0}', {"set": {"a": "1"}}, b'{"a":1}'),
        (b'{"a":%b}' % (b"9" * 5_000), {"set": {"a": "1"}}, b'{"a":1}'),
    ],
)
def test_edits_reach_into_objects(body: bytes, edits: dict[str, object], expected: bytes) -> None:
    assert apply(body, Edits(**edits)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":0.20}', "0.2"),
        (b'{"a":2e-1}', "0.2"),
        (b'{"a":"\\u00e9"}', '"é"'),
        (b'{"a":{"y" : 1, "x":[ ]}}', '{"x":[],"y":1}'),
    ],
)
def test_an_equal_value_leaves_the_same_object(body: bytes, value: str) -> None:
    assert apply(body, Edits(set={"a": value})) is body


def test_a_count_of_tokens_gets_values_only_where_it_has_the_member() -> None:
    edits = Edits(
        set={"max_tokens": "9", "thinking.budget_tokens": "8", "tools.x": "1", "tool_choice": "{}"},
        drop=("metadata",),
        system_prompt=SystemPrompt(text="y"),
    )
    body = b'{"tools":null,"thinking":{"budget_tokens":1},"tool_choice":1,"metadata":{}}'
    counted = apply(body, edits, dialect=Dialect.ANTHROPIC, operation=Operation.COUNT_TOKENS)
    assert counted == (
        b'{"tools":null,"thinking":{"budget_tokens":8},"tool_choice":{},"system":"y"}'
    )


PARTS = [name for name in NAMES if name and "." not in name]
PATHS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(".".join)
JSON = st.tuples(VALUES, RANDOMS).map(lambda pair: spelled(*pair))


def held_apart(paths: list[str]) -> list[str]:
    """Those of the paths that stand for themselves: none holds another."""
    split = sorted(path.split(".") for path in set(paths))
    kept = split[:1]
    for _, path in pairwise(split):
        if path[: len(kept[-1])] != kept[-1]:
            kept.append(path)
    return [".".join(path) for path in kept]


@st.composite
def all_edits(draw: st.DrawFn) -> Edits:
    rename: dict[str, str] = {}
    taken = held_apart(draw(st.lists(PATHS, max_size=4)))
    free = [name for name in PARTS if all(path.split(".")[0] != name for path in taken)]
    if len(free) > 1 and draw(st.booleans()):
        rename[free[0]] = free[1]
    set_ = {path: draw(JSON) for path in taken if draw(st.booleans())}
    drop = tuple(path for path in taken if path not in set_)
    return Edits(set=set_, drop=drop, rename=rename)


def in_values(values: dict[str, object], edits: Edits) -> dict[str, object]:
    """The edits as one would say them with dicts."""
    values = deepcopy(values)
    for old, new in edits.rename.items():
        if old in values:
            values.setdefault(new, values.pop(old))
    for path, text in edits.set.items():
        put(values, path.split("."), json.loads(text))
    for path in edits.drop:
        remove(values, path.split("."))
    return values


def put(values: dict[str, object], path: list[str], value: object) -> None:
    *above, last = path
    for name in above:
        if values.get(name) is None:
            values[name] = {}
        inner = values[name]
        if not isinstance(inner, dict):
            return
        values = inner
    values[last] = value


def remove(values: dict[str, object], path: list[str]) -> None:
    *above, last = path
    for name in above:
        inner = values.get(name)
        if not isinstance(inner, dict):
            return
        values = inner
    values.pop(last, None)


def untouched(body: bytes, edits: Edits) -> list[bytes]:
    """The top-level members that no edit names, byte for byte."""
    named = {name.split(".")[0] for name in (*edits.set, *edits.drop)}
    named |= {*edits.rename, *edits.rename.values()}
    found = members(body)
    return [body[each.key_start : each.value_end] for each in found if each.key not in named]


@given(pairs=PAIRS, odd=RANDOMS, edits=all_edits())
def test_any_edits_of_any_object_are_those_made_on_its_values(
    pairs: list[tuple[str, object]], odd: Random, edits: Edits
) -> None:
    body = spelled_body(pairs, odd)
    result = apply(body, edits)
    values = json.loads(body)
    assert canonical(json.loads(result)) == canonical(in_values(values, edits))
    assert untouched(result, edits) == untouched(body, edits)
    assert result.partition(b"{")[0] == body.partition(b"{")[0]
    assert result.rpartition(b"}")[2] == body.rpartition(b"}")[2]


@given(pairs=PAIRS, odd=RANDOMS, edits=all_edits())
def test_edits_made_twice_are_edits_made_once(
    pairs: list[tuple[str, object]], odd: Random, edits: Edits
) -> None:
    once = apply(spelled_body(pairs, odd), edits)
    assert apply(once, edits) is once
