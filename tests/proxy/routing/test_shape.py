"""A shape fits those bodies alone that would be read as asking for the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.dialects.call import Call, Operation
from proxy.policy import Dialect
from proxy.routing.asked import Fields
from proxy.routing.bodies import Bodies
from proxy.routing.fields import names_stored_state, read
from proxy.routing.shape import Shape
from tests.proxy.routing.test_bodies import TEXTS, body, outcome

CALL = Call(Dialect.OPENAI, Operation.CHAT)
BETWEEN = st.lists(
    st.sampled_from(
        [
            b"[",
            b"]",
            b"{",
            b"}",
            b",",
            b" ",
            b"\0",
            b'"',
            b"\xff",
            b"[]",
            b'{"role":"user","content":"a"}',
            b'"messages":',
            b'"model":"b"',
            b'{"file_id":"f"}',
        ]
    ),
    max_size=7,
).map(b"".join)


def shape_of(text: bytes) -> Shape:
    bodies = Bodies()
    fields = read(text, bodies)
    return Shape(fields, remembered=bodies.holds(fields))


def asked(fields: Fields) -> tuple[object, ...]:
    """All but the bytes, which may have white space around the messages."""
    return fields.held()[1:]


@given(TEXTS, TEXTS)
def test_what_fits_is_read_as_asking_for_the_same(first: bytes, second: bytes) -> None:
    if not isinstance(outcome(first), Fields):
        return
    shape = shape_of(first)
    if shape.fits(second):
        assert asked(read(second)) == asked(shape.fields)


@given(BETWEEN, st.sampled_from([b'"a":1', b'"tools":[{"file_id":"f"}]', b'"conversation":"c"']))
def test_only_plain_messages_stand_between(between: bytes, beside: bytes) -> None:
    shape = shape_of(body(beside))
    text = b'{"model":"m","messages":%b,%b}' % (between, beside)
    if shape.fits(text):
        assert asked(read(text)) == asked(shape.fields)
        kept = names_stored_state(CALL, text, read(text))
        assert shape.names_stored_state(CALL, text) == kept


@pytest.mark.parametrize("text", [b"a", b"a" * 20_000])
@pytest.mark.parametrize("more", [b"[]", b'[{"role":"user","content":"a"}]', b"}", b" "])
def test_nothing_fits_that_goes_on_behind_the_end(text: bytes, more: bytes) -> None:
    first = body(b'"a":1', text)
    assert not shape_of(first).fits(first + more)


def test_another_text_in_the_messages_fits() -> None:
    shape = shape_of(body(b'"user":"u"'))
    assert shape.fits(body(b'"user":"u"', "gr\u00fc\u00dfe".encode()))
    assert not shape.fits(body(b'"user":"v"'))


@pytest.mark.parametrize(
    "text",
    [
        b'{"model":"m","stream":true}',  # no messages
        b'{"messages":[],"model":"m"}',  # where the model stands hangs on them
        b'{"model":"m","messages":[{"role":"user","content":[{"type":"file"}]}]}',
        b"{}",
    ],
)
def test_other_bodies_are_read_each_time(text: bytes) -> None:
    assert not shape_of(text).fits(text)
