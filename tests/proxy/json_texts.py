"""JSON as the standard library reads it, and strategies that write it in every spelling."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NoReturn

from hypothesis import strategies as st

from proxy.routing.jsonscan import MAX_DEPTH


class Pairs(list[tuple[str, object]]):
    """An object's members in order, repeated names included."""


def parsed(body: bytes) -> Pairs | None:
    """The top-level object of a strict body; None for all that crossfade refuses."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=Pairs,
            parse_constant=_refuse,
            parse_int=_number,  # of any length, where the standard library stops at 4300 digits
            parse_float=_number,
        )
        sound = isinstance(value, Pairs) and _depth(value) <= MAX_DEPTH
    except (ValueError, RecursionError):  # UnicodeError is a ValueError
        return None
    return value if sound else None


class Number(str):
    """A number's text."""

    __slots__ = ()


def _number(text: str) -> Number:
    return Number(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _depth(value: object) -> int:
    """The nesting; raises UnicodeEncodeError at half a surrogate pair."""
    if isinstance(value, Pairs):
        return 1 + max((_depth(each) for pair in value for each in pair), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, str):
        value.encode()
    return 0


space = st.sampled_from(["", "", "", " ", "\n", "\t \r\n"])


def spelled(text: str, escaped: Callable[[int], bool]) -> str:
    """A string literal, with the letters escaped that `escaped` names by their place."""
    return '"{}"'.format(
        "".join(
            f"\\u{ord(letter):04x}"
            if ord(letter) < 0x10000 and escaped(place)
            else json.dumps(letter, ensure_ascii=False)[1:-1]
            for place, letter in enumerate(text)
        )
    )


def _by_mask(text: str, mask: int) -> str:
    return spelled(text, lambda place: bool(mask >> place & 1))


letters = st.characters(exclude_categories=["Cs"])
strings = st.text(letters, max_size=8) | st.sampled_from(
    ["model", "stream", 'say "model"', "\\", '\\"', "[[[{", "}]", "\N{PILE OF POO}"]
)
masks = st.sampled_from([0, 0, 0, 1, 0b1010])
string_texts = st.builds(_by_mask, strings, masks)
number_texts = st.sampled_from(
    ["0", "-0", "7", "-12", "1.5", "1e2", "1E-7", "1e999", str(2**64), "9" * 5000]
)
scalar_texts = string_texts | number_texts | st.sampled_from(["true", "false", "null"])


def _listed(opening: str, items: list[str], closing: str, gap: str) -> str:
    return opening + gap + f"{gap},{gap}".join(items) + gap + closing


def object_texts(
    names: st.SearchStrategy[str], values: st.SearchStrategy[str], size: int
) -> st.SearchStrategy[str]:
    """Objects with members of these names, each spelled in some way, and these values."""
    member = st.builds(
        lambda name, mask, gap, value: f"{_by_mask(name, mask)}{gap}:{gap}{value}",
        names,
        masks,
        space,
        values,
    )
    members = st.lists(member, max_size=size)
    return st.builds(_listed, st.just("{"), members, st.just("}"), space)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arrays = st.builds(_listed, st.just("["), st.lists(inner, max_size=4), st.just("]"), space)
    return arrays | object_texts(strings, inner, 4)


value_texts = st.recursive(scalar_texts, _nested, max_leaves=12)


def damaged(body: bytes, place: int, junk: bytes, cut: int) -> bytes:
    """A body with some bytes taken out and others put in at one place."""
    at = place % (len(body) + 1)
    return body[:at] + junk + body[at + cut :]


junk = st.sampled_from(
    [
        b"",
        b'"',
        b"\\",
        b",",
        b"}",
        b"]",
        b"[",
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\x00",
        b"NaN",
        b"0",
        b"\x0b",
        b"\xef\xbb\xbf",
        b'"model":1,',
    ]
)
