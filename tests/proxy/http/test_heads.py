"""Heads that were met before: remembered to the byte, and never mistaken for one another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Failure, Refused
from proxy.http.head import RequestHead
from proxy.http.heads import LONGEST, MOST, MOST_DIGITS, Heads, Recent
from proxy.http.http1 import MAX_LENGTH, read_request

FIELDS = [name for name in RequestHead.__slots__ if name != "sent"]


def head(length: bytes, *more: bytes) -> bytes:
    lines = (b"POST /v1/chat/completions HTTP/1.1", b"Host: a", b"Content-Length: " + length, *more)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def same(one: RequestHead, other: RequestHead) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in FIELDS if name != "headers"
    ) and [name for name, _, _ in one.headers] == [name for name, _, _ in other.headers]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_a_remembered_head_reads_as_a_new_one(lengths: list[int]) -> None:
    heads = Heads()
    for length in lengths:
        raw = head(b"%d" % length, b"Authorization: Bearer sk-CANARY-1", b"Connection: keep-alive")
        assert same(heads.read(raw), read_request(raw))


def test_like_heads_share_what_upstreams_get() -> None:
    heads = Heads()
    first, second = heads.read(head(b"5")), heads.read(head(b"6"))
    assert first.sent is second.sent
    assert heads.read(head(b"5", b"X: 1")).sent is not first.sent


@pytest.mark.parametrize(
    "raw",
    [
        head(b""),
        head(b"\0"),
        head(b"5, 5"),
        head(b"5", b"Content-Length: 5"),
        head(b"5", b"Content-Length: 6"),
        head(b"5", b"Transfer-Encoding: chunked"),
        head(b"%d" % (MAX_LENGTH * 10)),
    ],
)
def test_what_the_gate_refuses_is_refused_however_alike_it_looks(raw: bytes) -> None:
    heads = Heads()
    heads.read(head(b"5"))
    for _ in range(2):
        with pytest.raises(Refused):
            heads.read(raw)


def test_heads_without_a_length_and_long_ones_are_not_kept() -> None:
    heads = Heads()
    chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    long = head(b"5", b"X: " + b"a" * LONGEST)
    assert heads.read(chunked) is not heads.read(chunked)
    assert heads.read(long) is not heads.read(long)
    assert heads.read(head(b"5")) is heads.read(head(b"5"))


def test_the_memory_is_bounded() -> None:
    heads = Heads()
    for number in range(3 * MOST):
        heads.read(head(b"5", b"X: %d" % number))
    assert len(heads) <= MOST


def refusal(read: Callable[[], object]) -> Failure | None:
    try:
        read()
    except Refused as refused:
        return refused.failure
    return None


DIGITS = st.text("0123456789", max_size=MOST_DIGITS + 2).map(str.encode)
MORE = st.lists(
    st.sampled_from([b"X: 1", b"Expect: 100-continue", b"content-length: 5", b"Y: \0"]), max_size=2
)


@given(st.lists(st.tuples(DIGITS, MORE, st.booleans()), min_size=1, max_size=12))
def test_one_connections_heads_read_as_if_each_were_the_first(
    asked: list[tuple[bytes, list[bytes], bool]],
) -> None:
    heads, recent = Heads(), Recent()
    for digits, more, swapped in asked:
        if swapped:
            heads = Heads()
        raw = head(digits, *more)
        refused = refusal(partial(read_request, raw))
        assert refusal(partial(recent.read, raw, heads)) is refused
        assert refused or same(recent.read(raw, heads), read_request(raw))


def test_like_heads_of_one_connection_are_one_head() -> None:
    heads, recent = Heads(), Recent()
    first = recent.read(head(b"5"), heads)
    assert recent.read(head(b"5"), heads) is first
    assert recent.read(head(b"6"), heads).sent is first.sent
    assert recent.read(head(b"5"), Heads()) is not first  # the routing was swapped
