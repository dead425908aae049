"""Answer heads read line by line: the same as the gate reads them, or left to the gate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Refused
from proxy.http.answer_heads import LONGEST, MOST, AnswerHeads
from proxy.http.head import AnswerHead
from proxy.http.http1 import MAX_LENGTH, read_answer

FIELDS = AnswerHead.__slots__

LINES = [
    b"Content-Length: 5",
    b"content-length:5",
    b"Content-Length: 0",
    b"Content-Length: +5",
    b"Content-Length: 5, 5",
    b"Content-Length: %d" % (MAX_LENGTH + 1),
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: Chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Connection: keep-alive",
    b"Connection: Keep-Alive",
    b"Connection: close",
    b"Connection: X-Private, keep-alive",
    b"Keep-Alive: timeout=5",
    b"X-Private: 1",
    b"Upgrade: h2c",
    b"Content-Type: application/json",
    b"Content-Type: text/event-stream; charset=utf-8",
    b"Content-Encoding: gzip",
    b"X-Crossfade-Arm: candidate",
    b"Trailer: X-Sum",
    b"Set-Cookie: a=b; Path=/",
    b"X-Padded:  \t two  words \t ",
    b"X-Empty:",
    b"X-Latin: caf\xe9",
    b"X-Control: a\x01b",
    b"X-Null: a\0b",
    b"X-Feed: a\nb",
    b"X-Return: a\rb",
    b" folded",
    b"X Space: 1",
    b"no colon",
    b": no name",
]
FIRSTS = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1 503 Slow Down Please",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 103 Early Hints",
    b"HTTP/1.0 200 OK",
    b"HTTP/2.0 200 OK",
    b"HTTP/1.1 999 Odd",
    b"HTTP/1.1 200 caf\xe9",
    b"HTTP/1.1  200 OK",
    b"hello",
    b"",
]


def as_read(head: AnswerHead) -> dict[str, object]:
    return {name: getattr(head, name) for name in FIELDS}


def gate(raw: bytes, method: bytes) -> dict[str, object] | None:
    try:
        return as_read(read_answer(raw, method=method))
    except Refused:
        return None


def remembered(heads: AnswerHeads, raw: bytes, method: bytes) -> dict[str, object] | None:
    try:
        return as_read(heads.read(raw, method))
    except Refused:
        return None


@given(
    st.sampled_from(FIRSTS),
    st.lists(st.sampled_from(LINES), max_size=6),
    st.sampled_from([b"POST", b"GET", b"HEAD"]),
)
def test_a_head_reads_as_the_gate_reads_it_the_first_time_and_later(
    first: bytes, lines: list[bytes], method: bytes
) -> None:
    raw = b"\r\n".join((first, *lines)) + b"\r\n\r\n"
    heads = AnswerHeads()
    expected = gate(raw, method)
    for _ in range(2):
        assert remembered(heads, raw, method) == expected


@given(st.binary(max_size=40))
def test_any_line_reads_as_the_gate_reads_it(line: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-A: %b\r\n\r\n" % line
    if raw.find(b"\r\n\r\n") == len(raw) - 4:
        assert remembered(AnswerHeads(), raw, b"GET") == gate(raw, b"GET")


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_a_line_that_was_met_in_one_head_changes_no_other(lines: list[bytes]) -> None:
    heads = AnswerHeads()
    for line in LINES:
        remembered(heads, b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % line, b"GET")
    raw = b"\r\n".join((b"HTTP/1.1 200 OK", *lines)) + b"\r\n\r\n"
    assert remembered(heads, raw, b"GET") == gate(raw, b"GET")


def test_memory_is_bounded_in_lines_and_in_their_length() -> None:
    heads = AnswerHeads()
    for number in range(MOST + 10):
        heads.read(b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 0\r\n\r\n" % number, b"GET")
    assert len(heads) <= MOST
    before = len(heads)
    heads.read(b"HTTP/1.1 200 OK\r\nX-Long: %b\r\n\r\n" % (b"a" * LONGEST), b"GET")
    assert len(heads) == before


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 " + b"x" * LONGEST, b"HTTP/1.1 200 OK"])
def test_a_long_reason_is_read_and_not_remembered(first: bytes) -> None:
    raw = first + b"\r\nContent-Length: 3\r\n\r\n"
    assert AnswerHeads().read(raw, b"GET").first == first + b"\r\n"
