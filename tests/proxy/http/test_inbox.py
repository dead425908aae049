"""Bytes that no request has claimed: heads out of any pieces, and a bound on what is held."""

from __future__ import annotations

import pytest
from hypothesis import given

from proxy.errors import HEADERS_TOO_LARGE, MALFORMED_REQUEST, Failure, Refused
from proxy.http.inbox import MAX_PIPELINED, Inbox
from tests.proxy.cuts import CUTS, at_leisure, pieces

MOST = 64
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def holding(data: bytes) -> Inbox:
    inbox = Inbox()
    inbox.add(data)
    return inbox


def refusal(data: bytes, most: int = MOST) -> Failure:
    with pytest.raises(Refused) as caught:
        holding(data).head(most)
    return caught.value.failure


def test_a_head_is_complete_with_its_blank_line() -> None:
    inbox = holding(HEAD[:-1])
    assert inbox.head(MOST) is None
    inbox.add(HEAD[-1:] + b"rest")
    assert inbox.head(MOST) == HEAD
    assert inbox.rest() == b"rest"
    assert len(inbox) == 0


@given(CUTS)
@at_leisure
def test_any_pieces_give_the_same_heads(places: list[int]) -> None:
    text = HEAD * 3
    inbox = Inbox()
    heads = []
    for piece in pieces(text, places):
        inbox.add(piece)
        while (head := inbox.head(MOST)) is not None:
            heads.append(head)
    assert heads == [HEAD] * 3


def test_a_few_empty_lines_may_stand_before_a_head() -> None:
    assert holding(b"\r\n\r\n" + HEAD).head(MOST) == HEAD
    assert holding(b"\n" + HEAD).head(MOST) == HEAD
    assert refusal(b"\r\n\r\n\r\n" + HEAD) is MALFORMED_REQUEST
    assert refusal(b"\r\n" * 10_000) is MALFORMED_REQUEST


def test_a_head_beyond_the_bound_is_refused_whole_or_not() -> None:
    whole = b"GET / HTTP/1.1\r\nX: %b\r\n\r\n" % (b"a" * MOST)
    assert refusal(whole) is HEADERS_TOO_LARGE
    assert refusal(whole[:-4]) is HEADERS_TOO_LARGE
    assert holding(whole).head(len(whole)) == whole
    assert holding(b"a" * MOST).head(MOST) is None


def test_what_follows_a_head_is_not_counted_with_it() -> None:
    assert holding(HEAD + b"b" * 1000).head(MOST) == HEAD


def test_a_body_is_taken_whole_or_not_at_all() -> None:
    inbox = holding(b"abcde")
    assert inbox.take(6) is None
    assert inbox.take(3) == b"abc"
    assert inbox.take(0) == b""
    assert inbox.rest() == b"de"


def test_what_is_pipelined_is_held_up_to_the_bound() -> None:
    inbox = Inbox()
    inbox.hold(b"a" * MAX_PIPELINED)
    assert not inbox.overrun
    inbox.hold(b"b")
    assert inbox.overrun
    inbox.hold(b"c" * MAX_PIPELINED)
    assert inbox.rest() == b"a" * MAX_PIPELINED
