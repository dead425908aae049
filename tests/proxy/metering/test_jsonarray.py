"""The objects of an array come out whole, whatever pieces they come in."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.jsonarray import Elements
from tests.proxy.cuts import CUTS, at_leisure, pieces


def read(answer: list[bytes]) -> list[bytes]:
    elements = Elements()
    return [element for piece in answer for element in elements.feed(piece)]


@pytest.mark.parametrize(
    ("stream", "elements"),
    [
        (b'[{"a":1},{"b":[{"c":{}}]}]', [b'{"a":1}', b'{"b":[{"c":{}}]}']),
        (b'[{"a":"}{]["}\r\n,\r\n{"b":"\\"}\\\\"}\n]', [b'{"a":"}{]["}', b'{"b":"\\"}\\\\"}']),
        (b'{"error":{}}', [b'{"error":{}}']),
        (b"[]", []),
        (b"}}{}", [b"{}"]),
        (b'[{"a":1', []),
    ],
)
def test_objects_are_given_whole(stream: bytes, elements: list[bytes]) -> None:
    assert read([stream]) == elements
    assert read([stream[at : at + 1] for at in range(len(stream))]) == elements


_TEXT = st.text(st.sampled_from('a"\\{}[]é'), max_size=6)
_OBJECT = st.recursive(
    st.dictionaries(_TEXT, _TEXT, max_size=3),
    lambda inner: st.dictionaries(_TEXT, st.lists(inner, max_size=2), max_size=2),
    max_leaves=6,
)


@at_leisure
@given(st.lists(_OBJECT, max_size=4), CUTS)
def test_any_pieces_give_the_objects_that_were_sent(
    objects: list[dict[str, object]], cuts: list[int]
) -> None:
    stream = msgspec.json.encode(objects)
    assert [msgspec.json.decode(got) for got in read(pieces(stream, cuts))] == objects


def test_it_is_never_at_a_boundary_and_leaves_nothing() -> None:
    elements = Elements()
    elements.feed(b"[{}]")
    assert not elements.at_boundary
    assert elements.rest() == ()
