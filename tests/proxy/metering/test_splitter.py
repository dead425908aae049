"""The one question that all splitters answer alike: what one piece alone may say, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.jsonarray import Elements
from proxy.metering.ndjson import Lines
from proxy.metering.splitter import Splitter
from proxy.metering.sse import SseEvents
from tests.proxy.cuts import at_leisure

PARTS = st.sampled_from(
    (b"data: a\n\n", b"data: {}\n\n", b"event: x\ndata: b\n\n", b"event: x\rdata: c\ndata: d\n\n",
     b"data: e\rdata: f\n\n", b"data: \n\n", b"data: g\n", b"event: \n\n", b"event: x\n\n", b"\n",
     b"\r", b"data: h\r\n\r\n", b": c\n\n", b"id: 1\n\n", b"data:i\n\n", b"\xef\xbb\xbf", b"{}\n",
     b'{"a":1}', b",", b""),
)  # fmt: skip


@pytest.mark.parametrize("splitter", [SseEvents, Lines, Elements])
@given(st.lists(st.lists(PARTS, max_size=3).map(b"".join), max_size=8))
@at_leisure
def test_a_piece_that_stands_alone_says_what_feeding_it_would(
    splitter: Callable[[], Splitter], answer: list[bytes]
) -> None:
    asked, fed = splitter(), splitter()
    for piece in answer:
        data = asked.one(piece)
        found = list(asked.feed(piece)) if data is None else [data]
        assert found == list(fed.feed(piece))
        assert asked.at_boundary is fed.at_boundary
    assert list(asked.rest()) == list(fed.rest())


def test_an_event_that_stands_alone_is_seen_at_once() -> None:
    events = SseEvents()
    assert events.one(b"data: a\n\n") is None  # a byte order mark might stand before it
    events.feed(b"data: a\n\n")
    assert events.one(b"data: b\n\n") == b"b"
    assert events.one(b"event: x\ndata: c\n\n") == b"c"
