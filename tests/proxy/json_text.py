"""JSON text as oddly spelled as JSON allows: white space, escapes, repeated names."""

from __future__ import annotations

import json
from random import Random

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "user", "temperature", "é\N{SNOWMAN}", 'quo"te\\', "", "a.b")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES: st.SearchStrategy[object] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
# Pairs and not a dict: a name may stand twice.
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
RANDOMS = st.integers(0, 2**32).map(Random)


def spelled(value: object, odd: Random) -> str:
    """One of the many JSON texts of a value."""
    match value:
        case dict():
            return spelled_object(list(value.items()), odd)
        case list():
            return "[" + ",".join(_spaced(spelled(each, odd), odd) for each in value) + "]"
        case str():
            return '"' + "".join(_character(each, odd) for each in value) + '"'
        case _:
            return json.dumps(value)


def spelled_object(pairs: list[tuple[str, object]], odd: Random) -> str:
    """One of the many JSON texts of an object's members."""
    members = [
        _spaced(spelled(name, odd), odd) + ":" + _spaced(spelled(value, odd), odd)
        for name, value in pairs
    ]
    return "{" + (",".join(members) or _space(odd)) + "}"


def spelled_body(pairs: list[tuple[str, object]], odd: Random) -> bytes:
    """A request's body."""
    return _spaced(spelled_object(pairs, odd), odd).encode()


def canonical(value: object) -> str:
    """Text that two values share only when they are one JSON value: 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


def _character(character: str, odd: Random) -> str:
    plain = json.dumps(character, ensure_ascii=False)[1:-1]
    if odd.random() < 0.8:
        return plain
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join("\\u" + units[at : at + 4] for at in range(0, len(units), 4))


def _spaced(text: str, odd: Random) -> str:
    return _space(odd) + text + _space(odd)


def _space(odd: Random) -> str:
    return "".join(odd.choices(" \t\r\n", k=2)) if odd.random() < 0.3 else ""
