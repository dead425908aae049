"""Bodies that were met before: read as new ones, and never mistaken for one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Failure, Refused
from proxy.routing.asked import Fields
from proxy.routing.bodies import LONGEST, MOST, Bodies
from proxy.routing.fields import read
from proxy.routing.outline import LONG

MESSAGES = [
    b"[]",
    b'[{"role":"user","content":"a"}]',
    b'[{"role":"user","content":"\\u006dodel\\" \\"stream\\" \\"messages\\":"}]',
    b'[{"role":"user","content":"\xff"}]',
    b'[{"role":"user","file_id":"file-1"}]',
    b'[{"role":"user","content":' + b"[" * 260 + b"]" * 260 + b"}]",
    b'"plain"',
    b"1",
    b'{"model":"inner"}',
]
MEMBERS = [
    b'"model":"gpt-4o"',
    b'"model": "gpt-4o"',
    b'"model":"\\u0067"',
    b'"model":1',
    b'"stream":true',
    b'"user":"u-1"',
    b'"conversation":"c-1"',
    b'"input":"a"',
    b'"a":{"messages":[],"model":"b"}',
]
TEXTS = st.tuples(
    st.lists(st.sampled_from(MEMBERS), max_size=3),
    st.sampled_from([b'"messages":', b'"messages": ', b'"input":', b'"messages"\n:']),
    st.sampled_from(MESSAGES),
    st.lists(st.sampled_from(MEMBERS), max_size=2),
).map(lambda parts: b"{%b}" % b",".join([*parts[0], parts[1] + parts[2], *parts[3]]))


def outcome(body: bytes, bodies: Bodies | None = None) -> Fields | Failure:
    try:
        return read(body, bodies)
    except Refused as refused:
        return refused.failure


def body(beside: bytes, text: bytes = b"hello") -> bytes:
    return b'{"model":"m","messages":[{"role":"user","content":"%b"}],%b}' % (text, beside)


@given(st.lists(TEXTS, min_size=2, max_size=12), st.sampled_from([0, LONG]))
def test_a_body_reads_as_if_it_were_the_first(texts: list[bytes], pad: int) -> None:
    bodies = Bodies()
    for text in texts:
        body = text.replace(b'"a"', b'"a%b"' % (b"b" * pad))
        assert outcome(body, bodies) == outcome(body)


def test_bodies_that_differ_in_plain_messages_are_read_once() -> None:
    bodies = Bodies()
    first = read(body(b'"user":"u"'), bodies)
    assert read(body(b'"user":"u"', b"another"), bodies) is first
    assert read(body(b'"user":"v"'), bodies).user == "v"
    assert len(bodies) == 2


def test_memory_is_bounded() -> None:
    bodies = Bodies()
    for number in range(MOST + 10):
        read(body(b'"seed":%d' % number), bodies)
    assert len(bodies) == 10
    read(body(b'"user":"%b"' % (b"u" * LONGEST)), bodies)
    assert len(bodies) == 10
