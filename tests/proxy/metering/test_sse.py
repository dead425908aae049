"""Events are read as the WHATWG says, whatever pieces they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.metering.held import HEAD, LIMIT, TAIL
from proxy.metering.sse import SseEvents
from tests.proxy.cuts import CUTS, at_leisure, pieces


def read(answer: list[bytes]) -> list[bytes]:
    events = SseEvents()
    found: list[bytes] = []
    for piece in answer:
        data = events.one(piece)
        found += events.feed(piece) if data is None else (data,)
    return found


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\ndata:  b\n\n", [b"a", b" b"]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\r\ndata: d\r\n\ndata: e\n\rdata: f\r\n\r",
         [b"a", b"b", b"c", b"d", b"e", b"f"]),
        (b"data: a\ndata: b\ndata\ndata:\n\n", [b"a\nb\n\n"]),
        (b"data\n\n", [b""]),
        (b"data:\n\n", [b""]),
        (b"event: x\ndata: a\nid: 1\nretry: 2\n\n", [b"a"]),
        (b"event: x\nid: 1\n\n", []),
        (b": comment\n\n:\n\ndata: a\n: inside\n\n", [b"a"]),
        (b"\n\n\n\ndata: a\n\n\n\n", [b"a"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"\xef\xbb\xbf\n\ndata: a\n\n", [b"a"]),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [b"a"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"data: a\n\ndata: b\n", [b"a"]),
        (b"data: a\n\ndata: b", [b"a"]),
        (b"DATA: a\ndatas: b\n data: c\ndatab\n\n", []),
        (b"data: \xff\xf0\x9f\n\n", [b"\xff\xf0\x9f"]),
        (b"data: a:b: c\x00\n\n", [b"a:b: c\x00"]),
        (b"event: x\ndata: a\n\nevent: y\ndata: b\n\n", [b"a", b"b"]),
        (b"", []),
    ],
)  # fmt: skip
def test_events_are_read_as_the_standard_says(stream: bytes, events: list[bytes]) -> None:
    assert read([stream]) == events
    assert read([stream[at : at + 1] for at in range(len(stream))]) == events


@pytest.mark.parametrize(
    ("piece", "events"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"event: x\ndata: a\n\n", [b"a"]),
        (b"event: x\nid: a\n\n", []),
        (b"event: x\n\n", []),
        (b"event: x\ndata: a\ndata: b\n\n", [b"a\nb"]),
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data:a\n\n", [b"a"]),
        (b"\n\n", []),
    ],
)
def test_whole_events_in_one_piece_are_read_alike(piece: bytes, events: list[bytes]) -> None:
    assert read([b": first\n\n", piece, piece]) == events * 2


_LINE = st.sampled_from([b"data: a", b"data:b", b"data", b":", b"event: x", b"\xef\xbb\xbf", b"d"])
_END = st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n"])


@at_leisure
@given(st.lists(st.tuples(_LINE, _END), max_size=12), CUTS)
def test_any_pieces_give_the_same_events(lines: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(line + end for line, end in lines)
    assert read(pieces(stream, cuts)) == read([stream])


@at_leisure
@given(st.lists(st.tuples(_LINE, _END), max_size=8))
def test_line_ends_are_all_the_same(lines: list[tuple[bytes, bytes]]) -> None:
    unified = b"".join(
        line + end.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for line, end in lines
    )
    assert read([b"".join(line + end for line, end in lines)]) == read([unified])


@pytest.mark.parametrize(
    ("pieces_so_far", "at_boundary"),
    [
        ([], True),
        ([b""], True),
        ([b"data: a\n\n"], True),
        ([b"data: a\n\n", b"data: b\n\n"], True),
        ([b"data: a\n"], False),
        ([b"data: a"], False),
        ([b"event: x\n"], False),
        ([b": ping\n"], False),
        ([b": ping\n\n"], True),
        ([b"data: a\r\n\r"], True),
        ([b"data: a\r\n\r", b"\n"], True),
        ([b"data: a\r\n\r", b"\ndata"], False),
    ],
)
def test_a_boundary_is_where_an_event_may_begin(
    pieces_so_far: list[bytes], at_boundary: bool
) -> None:
    events = SseEvents()
    for piece in pieces_so_far:
        events.feed(piece)
    assert events.at_boundary is at_boundary


def test_nothing_is_left_at_the_end() -> None:
    events = SseEvents()
    events.feed(b"data: a\n")
    assert events.rest() == ()


@pytest.mark.parametrize("cuts", [[], [3], [LIMIT // 2, LIMIT + 70], [1000, LIMIT + TAIL + 300]])
@pytest.mark.parametrize("first", [b"", b"data: a\n\n"])
def test_an_event_over_the_limit_keeps_both_ends(first: bytes, cuts: list[int]) -> None:
    stream = b"data: {" + b"x" * LIMIT + b"}\n\ndata: b\n\n"
    *_, huge, last = read([first, *pieces(stream, cuts)])
    assert last == b"b"
    assert len(huge) <= HEAD + TAIL
    assert (huge[:1], huge[-1:]) == (b"{", b"}")


def test_many_data_lines_over_the_limit_keep_both_ends() -> None:
    line = b"data: " + b"x" * 100_000 + b"\n"
    (huge,) = read([b"data: {\n", *[line] * 45, b"data: }\n\n"])
    assert len(huge) < LIMIT
    assert (huge[:1], huge[-1:]) == (b"{", b"}")
