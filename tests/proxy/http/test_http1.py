"""The gate: what passes, what is refused, and with which published code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Refused
from proxy.http.http1 import MAX_LENGTH, read_answer, read_request

HOST = b"Host: a\r\n"


def request(*lines: bytes, first: bytes = b"POST /v1/chat/completions HTTP/1.1") -> bytes:
    return b"\r\n".join((first, *lines)) + b"\r\n\r\n"


def answer(*lines: bytes, first: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join((first, *lines)) + b"\r\n\r\n"


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read_request(raw)
    return caught.value.failure.code


def answer_refusal(raw: bytes, method: bytes = b"POST") -> str:
    with pytest.raises(Refused) as caught:
        read_answer(raw, method=method)
    return caught.value.failure.code


def test_a_plain_request_passes_with_its_headers_as_sent() -> None:
    head = read_request(request(b"Host: a:80", b"X-One:  two ", b"Content-Length: 5"))
    assert (head.method, head.target, head.minor) == (b"POST", b"/v1/chat/completions", 1)
    assert (b"x-one", b"two", b"X-One") in [(a, b.strip(), c) for a, b, c in head.headers]
    assert (head.length, head.chunked, head.keep_alive, head.has_body) == (5, False, True, True)


REFUSED_FRAMING = {
    "length and encoding": (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "two lengths": (b"Content-Length: 5", b"Content-Length: 6"),
    "the same length twice": (b"Content-Length: 5", b"Content-Length: 5"),
    "a list of lengths": (b"Content-Length: 5, 5",),
    "a signed length": (b"Content-Length: +5",),
    "an underscored length": (b"Content-Length: 0_5",),
    "a hexadecimal length": (b"Content-Length: 0x5",),
    "an empty length": (b"Content-Length:",),
    "an overflowing length": (b"Content-Length: 18446744073709551621",),
    "the largest 64-bit length": (b"Content-Length: 18446744073709551615",),
    "an unknown encoding": (b"Transfer-Encoding: xchunked",),
    "gzip before chunked": (b"Transfer-Encoding: gzip, chunked",),
    "identity after chunked": (b"Transfer-Encoding: chunked, identity",),
    "identity alone": (b"Transfer-Encoding: identity",),
    "two encodings": (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "an encoding behind a vertical tab": (b"Transfer-Encoding: \x0bchunked",),
    "a bare line feed": (b"X: a\nY: b",),
    "a bare carriage return": (b"X: a\rb",),
    "a folded line": (b"X: a\r\n b",),
    "space before the colon": (b"X : a",),
    "an empty name": (b": a",),
    "a name that is not ASCII": "Ä: a".encode(),
    "NUL": (b"X: a\0b",),
    "an underscored name": (b"content_length: 5",),
    "an underscored key": (b"x_api_key: 5",),
    "two hosts": (b"Host: b",),
}


@pytest.mark.parametrize("case", REFUSED_FRAMING)
def test_ambiguous_framing_is_malformed(case: str) -> None:
    lines = REFUSED_FRAMING[case]
    lines = (lines,) if isinstance(lines, bytes) else lines
    assert refusal(request(b"Host: a", *lines)) == "malformed_request"


@pytest.mark.parametrize(
    "host", [b"", b"a b", b"a/b", b"a?b", b"a#b", b"user@a", b"a:port", b"a:1:2", b"a,b"]
)
def test_a_host_with_anything_but_a_name_and_a_port_is_malformed(host: bytes) -> None:
    assert refusal(request(b"Host: " + host)) == "malformed_request"


@pytest.mark.parametrize("host", [b"a", b"a.example:8080", b"127.0.0.1:1", b"[::1]:80", b"[::1]"])
def test_ordinary_hosts_pass(host: bytes) -> None:
    assert read_request(request(b"Host: " + host)).target == b"/v1/chat/completions"


def test_http_1_1_needs_a_host_and_http_1_0_does_not() -> None:
    assert refusal(b"GET / HTTP/1.1\r\n\r\n") == "malformed_request"
    head = read_request(b"GET / HTTP/1.0\r\n\r\n")
    assert (head.minor, head.keep_alive) == (0, False)


FIRST_LINES = {
    b"GET / HTTP/2.0": "http_version_not_supported",
    b"GET / HTTP/3.0": "http_version_not_supported",
    b"GET / HTTP/1.2": "http_version_not_supported",
    b"GET / RTSP/1.0": "http_version_not_supported",
    b"GET / ICE/1.0": "http_version_not_supported",
    b"PRI * HTTP/2.0": "http_version_not_supported",
    b"GET /": "malformed_request",
    b"GET  / HTTP/1.1": "malformed_request",
    b"GET / HTTP/1.1 ": "malformed_request",
    b"get / HTTP/1.1": "malformed_request",
    b" GET / HTTP/1.1": "malformed_request",
    b"TRACE / HTTP/1.1": "method_not_allowed",
    b"CONNECT a:443 HTTP/1.1": "method_not_allowed",
    b"QUERY / HTTP/1.1": "method_not_allowed",
    b"BREW / HTTP/1.1": "method_not_allowed",
    b"OPTIONS * HTTP/1.1": "misdirected_request",
    b"GET http://b/ HTTP/1.1": "misdirected_request",
    b"GET b/c HTTP/1.1": "misdirected_request",
    b"GET /a#b HTTP/1.1": "malformed_request",
    b"GET /a\\b HTTP/1.1": "unsafe_path",
    b"GET /a\0b HTTP/1.1": "malformed_request",
    b"GET /a/../b HTTP/1.1": "unsafe_path",
    b"GET /.. HTTP/1.1": "unsafe_path",
    b"GET /a/..;x/b HTTP/1.1": "unsafe_path",
    b"GET /a/%2e%2e/b HTTP/1.1": "unsafe_path",
    b"GET /a/%2E./b HTTP/1.1": "unsafe_path",
    b"GET /a%2f..%2fb HTTP/1.1": "unsafe_path",
    b"GET /a%5c..%5cb HTTP/1.1": "unsafe_path",
    b"GET /a%5cb HTTP/1.1": "unsafe_path",
    b"GET /a%00b HTTP/1.1": "unsafe_path",
    b"GET /a/%252e%252e/b HTTP/1.1": "unsafe_path",
    b"GET /a/%25252525252e/b HTTP/1.1": "unsafe_path",
}


@pytest.mark.parametrize("line", FIRST_LINES)
def test_a_first_line_that_is_not_served_says_why(line: bytes) -> None:
    assert refusal(request(b"Host: a", first=line)) == FIRST_LINES[line]


@pytest.mark.parametrize(
    "target",
    [b"/", b"//", b"/a//b", b"/./a", b"/a%20b", b"/a%2fb", b"/a;p=1", b"/a..b", b"/a?q=..%2f..&r"],
)
def test_odd_but_harmless_targets_pass_byte_for_byte(target: bytes) -> None:
    assert read_request(request(b"Host: a", first=b"GET " + target + b" HTTP/1.1")).target == target


def test_an_encoding_on_http_1_0_is_malformed() -> None:
    raw = request(b"Transfer-Encoding: chunked", first=b"POST / HTTP/1.0")
    assert refusal(raw) == "malformed_request"


def test_an_upgrade_is_masked_so_that_its_body_is_read() -> None:
    head = read_request(
        request(b"Host: a", b"Connection: Upgrade", b"Upgrade: h2c", b"Content-Length: 3")
    )
    assert head.length == 3
    assert b"upgrade" in head.nominated
    assert all(name != b"upgrade" for name, _, _ in head.headers)


@pytest.mark.parametrize("value", [b"websocket", b"WebSocket", b"h2c, websocket"])
def test_a_websocket_upgrade_has_its_own_error(value: bytes) -> None:
    raw = request(b"Host: a", b"Connection: Upgrade", b"uPgrade: " + value)
    assert refusal(raw) == "websocket_unsupported"


def test_expectations() -> None:
    assert read_request(request(b"Host: a", b"Expect: 100-Continue")).expects
    assert not read_request(request(b"Expect: 100-continue", first=b"POST / HTTP/1.0")).expects
    assert refusal(request(b"Host: a", b"Expect: foo")) == "expectation_failed"
    two = request(b"Host: a", b"Expect: 100-continue", b"Expect: 100-continue")
    assert refusal(two) == "expectation_failed"


def test_connection_nominates_headers_and_decides_about_keeping_alive() -> None:
    head = read_request(request(b"Host: a", b"Connection: close, X-Private"))
    assert not head.keep_alive
    assert head.nominated == {b"close", b"x-private"}
    kept = read_request(request(b"Connection: keep-alive", first=b"GET / HTTP/1.0"))
    assert kept.keep_alive


@given(st.integers(0, MAX_LENGTH * 2))
def test_a_length_is_taken_whole_or_refused(length: int) -> None:
    raw = request(b"Host: a", b"Content-Length: %d" % length)
    if length <= MAX_LENGTH:
        assert read_request(raw).length == length
    else:
        assert refusal(raw) == "malformed_request"


@given(st.binary(max_size=200))
def test_no_bytes_make_the_gate_raise_anything_else(junk: bytes) -> None:
    for raw in (junk, request(b"Host: a", junk), request(b"Host: a", first=junk)):
        status = 400
        try:
            read_request(raw)
        except Refused as refused:
            status = refused.failure.status
        assert status in (400, 405, 417, 421, 426, 505)


ANSWERS = {
    "an unknown protocol": answer(first=b"HTTP/2.0 200 OK"),
    "status 000": answer(first=b"HTTP/1.1 000 X"),
    "status 099": answer(first=b"HTTP/1.1 099 X"),
    "status 999": answer(first=b"HTTP/1.1 999 X"),
    "an upgrade nobody asked for": answer(
        b"Upgrade: websocket", b"Connection: upgrade", first=b"HTTP/1.1 101 Switching"
    ),
    "length and encoding": answer(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "two lengths": answer(b"Content-Length: 5", b"Content-Length: 5"),
    "a signed length": answer(b"Content-Length: -1"),
    "a huge length": answer(b"Content-Length: 18446744073709551615"),
    "an unknown encoding": answer(b"Transfer-Encoding: xchunked"),
    "chunked and identity": answer(b"Transfer-Encoding: chunked, identity"),
    "two encodings": answer(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "chunked on 1.0": answer(b"Transfer-Encoding: chunked", first=b"HTTP/1.0 200 OK"),
    "NUL": answer(b"X: a\0b"),
    "a bare line feed": answer(b"X: a\nY: b"),
    "a folded line": answer(b"X: a\r\n b"),
    "no status line": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_that_could_be_read_two_ways_is_malformed(case: str) -> None:
    assert answer_refusal(ANSWERS[case]) == "upstream_malformed"


def test_answers_without_a_body() -> None:
    head = answer(b"Content-Length: 10")
    assert read_answer(head, method=b"HEAD").length == 0
    for status in (b"204 No Content", b"304 Not Modified", b"103 Early Hints", b"100 Continue"):
        read = read_answer(
            answer(b"Content-Length: 10", first=b"HTTP/1.1 " + status), method=b"GET"
        )
        assert (read.length, read.chunked) == (0, False)


def test_an_answer_says_whether_its_connection_may_serve_again() -> None:
    def reusable(*lines: bytes, first: bytes = b"HTTP/1.1 200 OK") -> bool:
        return read_answer(answer(*lines, first=first), method=b"POST").reusable

    assert reusable(b"Content-Length: 1")
    assert reusable(b"Transfer-Encoding: chunked")
    assert not reusable()  # only its end ends it
    assert not reusable(b"Content-Length: 1", b"Connection: close")
    assert not reusable(b"Content-Length: 1", first=b"HTTP/1.0 200 OK")


def test_a_reason_may_be_missing_or_anything() -> None:
    for first in (b"HTTP/1.1 200", b"HTTP/1.1 200 "):
        assert read_answer(answer(first=first), method=b"GET").first == b"HTTP/1.1 200 \r\n"
    assert read_answer(answer(first=b"HTTP/1.1 529 Too Busy"), method=b"GET").status == 529
