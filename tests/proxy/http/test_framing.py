"""Bodies: any cut of the same bytes gives the same payload and the same forwarded framing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import MALFORMED_REQUEST, Refused
from proxy.http.framing import LAST_CHUNK, MAX_LINE, BodyReader, Chunked, Sized, UntilClose, chunk


def cuts(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:end] for start, end in pairwise(places)]


def read(body: BodyReader, pieces: list[bytes]) -> tuple[bytes, bytes]:
    payload = wire = b""
    for piece in pieces:
        payload += body.feed(piece)
        wire += body.wire
        if body.done:
            break
    return payload, wire


payloads = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
places = st.lists(st.integers(0, 10_000), max_size=12)
extensions = st.sampled_from([b"", b";a", b";a=b", b';a="b c"'])


@given(payloads, places, st.lists(extensions, min_size=6, max_size=6), st.booleans())
def test_any_cut_of_a_chunked_body_gives_the_same_payload_and_clean_framing(
    parts: list[bytes], at: list[int], marks: list[bytes], trailers: bool
) -> None:
    sent = b"".join(
        b"%X%b\r\n%b\r\n" % (len(part), mark, part)
        for part, mark in zip(parts, marks, strict=False)
    )
    sent += b"0\r\nX-Trailer: 1\r\n\r\n" if trailers else LAST_CHUNK
    clean = b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in parts) + LAST_CHUNK
    body = Chunked(MALFORMED_REQUEST)
    payload, wire = read(body, cuts(sent, at))
    assert payload == b"".join(parts)
    assert wire == clean
    assert body.done
    assert body.rest == b""


@given(places)
def test_what_follows_a_chunked_body_is_left_over(at: list[int]) -> None:
    sent = b"3\r\nabc\r\n0\r\n\r\n"
    for piece_end in range(1, len(sent)):
        body = Chunked(MALFORMED_REQUEST)
        first = body.feed(sent[:piece_end])
        second = body.feed(sent[piece_end:] + b"GET /next")
        assert (first + second, body.done, body.rest) == (b"abc", True, b"GET /next")


MALFORMED = [
    b"x\r\n",
    b"-1\r\n",
    b"+1\r\n",
    b"0x5\r\nhello\r\n",
    b"0_5\r\n",
    b" 5\r\n",
    b"5 \r\nhello\r\n",
    b"5\nhello\n",
    b"5\rhello",
    b"5;a\nb\r\n",
    b"5;a\0\r\n",
    b"\r\n",
    b"5\r\nhelloX",
    b"5\r\nhello\n",
    b"5\r\nhello\r0",
    b"fffffffffffffff\r\n",
    b"0\r\nContent-Length: 5\r\n\r\n",
    b"0\r\ntransfer-encoding: chunked\r\n\r\n",
    b"0\r\nno colon\r\n\r\n",
    b"0\r\nX: a\nY: b\r\n\r\n",
    b"5;" + b"a" * (MAX_LINE + 1),
    b"5;" + b"a" * (MAX_LINE + 1) + b"\r\nhello",
    b"0\r\n" + b"X: aaaaaaaaaaaaaaaa\r\n" * 1000,
    b"0\r\nX: " + b"a" * 10_000,
]


@pytest.mark.parametrize("sent", MALFORMED)
def test_malformed_chunks_are_refused_however_they_are_cut(sent: bytes) -> None:
    with pytest.raises(Refused) as caught:
        Chunked(MALFORMED_REQUEST).feed(sent)
    assert caught.value.failure is MALFORMED_REQUEST
    with pytest.raises(Refused):
        read(Chunked(MALFORMED_REQUEST), cuts(sent, list(range(len(sent)))))


@given(st.binary(max_size=60))
def test_no_bytes_make_a_chunked_body_raise_anything_but_a_refusal(junk: bytes) -> None:
    failure = MALFORMED_REQUEST
    try:
        Chunked(MALFORMED_REQUEST).feed(junk)
    except Refused as refused:
        failure = refused.failure
    assert failure is MALFORMED_REQUEST


def test_the_boundary_is_between_chunks_only() -> None:
    body = Chunked(MALFORMED_REQUEST)
    body.feed(b"3\r\nab")
    assert not body.boundary
    body.feed(b"c\r\n")
    assert body.boundary
    body.feed(b"3\r\nabc\r\n")
    assert body.boundary
    body.feed(b"0")
    assert body.boundary  # the line is held back, so other framing may still follow
    assert body.wire == b""
    body.feed(b"\r\n\r\n")
    assert body.done
    assert not body.boundary


@given(st.binary(max_size=50), st.binary(max_size=10), places)
def test_a_sized_body_ends_where_it_said(payload: bytes, rest: bytes, at: list[int]) -> None:
    body = Sized(len(payload))
    got = b""
    left = b""
    for piece in cuts(payload + rest, at):
        if body.done:
            left += piece
            continue
        got += body.feed(piece)
        left += body.rest
    assert (got, left, body.done) == (payload, rest, True)
    assert not body.boundary


def test_a_body_until_close_is_never_done_by_itself() -> None:
    body = UntilClose()
    assert body.feed(b"abc") == b"abc"
    assert (body.wire, body.done, body.boundary, body.rest) == (b"abc", False, True, b"")


def test_no_payload_is_no_chunk() -> None:
    assert chunk(b"") == b""
    assert chunk(b"x" * 300) == b"12c\r\n" + b"x" * 300 + b"\r\n"


def test_a_whole_chunk_of_any_size_is_passed_on_as_it_came() -> None:
    body = Chunked(MALFORMED_REQUEST)
    for size in (*range(1, 1100), 70_000):
        payload = b"x" * size
        for line in (b"%x", b"%X", b"0%x"):
            wire = (line + b"\r\n%b\r\n") % (size, payload)
            assert body.feed(wire) == payload
            assert body.wire is wire
            assert body.boundary
