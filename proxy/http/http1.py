"""HTTP/1.1 heads without I/O: the gate that requests and answers must pass, on httptools.

llhttp (strict) refuses most bad framing; what it lets through is refused here. Sources: RFC 9112,
and the measured list in docs/adr/0011. Each head gets a parser of its own, so nothing of one
message can leak into the next; bodies are framed by `framing`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

import httptools

from proxy.errors import (
    EXPECTATION_FAILED,
    MALFORMED_REQUEST,
    METHOD_NOT_ALLOWED,
    MISDIRECTED,
    UNSAFE_PATH,
    UPSTREAM_MALFORMED,
    VERSION_NOT_SUPPORTED,
    WEBSOCKET_UNSUPPORTED,
    Failure,
    Refused,
)
from proxy.http.head import HOP_BY_HOP, NO_NAMES, AnswerHead, Headers, RequestHead

METHODS: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
MAX_LENGTH: Final = 2**53  # bytes; a longer declared body is nonsense

_REQUEST_LINE: Final = re.compile(rb"([A-Z]+) ([^ \r\n]+) HTTP/([0-9])\.([0-9])\r\n")
_ANY_VERSION: Final = re.compile(rb"[A-Z]+ [^ \r\n]+ [A-Z]+/[0-9.]+\r\n")
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([^\r\n\x00]*))?\r\n")
_TARGET: Final = re.compile(rb"/[^\x00-\x20#\\\x7f]*")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_UPGRADE: Final = re.compile(rb"\nupgrade(?=[ \t]*:)", re.IGNORECASE)
_DOTS: Final = re.compile(rb"(?:^|[/\\])\.\.(?:$|[/\\;])")
_KEPT: Final = {value: frozenset({b"keep-alive"}) for value in (b"keep-alive", b"Keep-Alive")}
_PLAIN: Final = frozenset({b"", b"identity"})
_MASKED: Final = b"\nx-masked-upgrade"
_FRAMING: Final = frozenset(
    {
        b"host",
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"connection",
        b"expect",
        b"x-masked-upgrade",
    }
)


# Of an answer's headers: its length goes on apart, the other is what the gate makes of Upgrade.
NOT_FORWARDED: Final = HOP_BY_HOP | {b"content-length", b"x-masked-upgrade"}


class _Collector:
    """What httptools calls back: one triple a header."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: Headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.found.append((name.lower(), value, name))


def read_request(raw: bytes) -> RequestHead:
    """The head in `raw` (which ends with its blank line). Raises Refused."""
    line = _REQUEST_LINE.match(raw)
    if line is None:
        unsupported = _ANY_VERSION.match(raw) is not None
        raise Refused(VERSION_NOT_SUPPORTED if unsupported else MALFORMED_REQUEST, "request line")
    method, target, major, minor = line.groups()
    if major != b"1" or minor not in b"01":
        raise Refused(VERSION_NOT_SUPPORTED)
    if method not in METHODS:
        raise Refused(METHOD_NOT_ALLOWED)
    _check_target(target)
    headers = _Collector()
    try:
        httptools.HttpRequestParser(headers).feed_data(_mask(raw))
    except httptools.HttpParserError as error:
        raise Refused(MALFORMED_REQUEST, type(error).__name__) from None
    return _request(method, target, int(minor), headers.found)


def read_answer(raw: bytes, *, method: bytes) -> AnswerHead:
    """The answer's head in `raw` to a request with `method`. Raises Refused."""
    line = _STATUS_LINE.match(raw)
    if line is None:
        raise Refused(UPSTREAM_MALFORMED, "status line")
    minor, status, reason = line.groups()
    headers = _Collector()
    try:
        httptools.HttpResponseParser(headers).feed_data(_mask(raw))
    except httptools.HttpParserError as error:
        raise Refused(UPSTREAM_MALFORMED, type(error).__name__) from None
    return _answer(
        int(status), reason or b"", int(minor), headers.found, bodiless=method == b"HEAD"
    )


def _mask(raw: bytes) -> bytes:
    """Hide an Upgrade header from llhttp, which would skip the body; nothing is ever upgraded."""
    return _UPGRADE.sub(_MASKED, raw) if _UPGRADE.search(raw) else raw


def _check_target(target: bytes) -> None:
    if target[0] != 47:  # "/"
        raise Refused(MISDIRECTED)
    if _TARGET.fullmatch(target) is None:
        raise Refused(UNSAFE_PATH if b"\\" in target else MALFORMED_REQUEST, "target")
    if b".." in target or b"%" in target:
        _check_path(target.partition(b"?")[0])


def _check_path(path: bytes) -> None:
    """Refuse '..', backslash and NUL in any depth of percent-encoding."""
    for _ in range(4):
        if b"\\" in path or b"\0" in path or _DOTS.search(path):
            raise Refused(UNSAFE_PATH)
        decoded = unquote_to_bytes(path)
        if decoded == path:
            return
        path = decoded
    raise Refused(UNSAFE_PATH, "encoded too deeply")


def _request(method: bytes, target: bytes, minor: int, headers: Headers) -> RequestHead:
    found = _framing_headers(headers)
    hosts = found.get(b"host", ())
    if len(hosts) > 1 or (not hosts and minor == 1) or not all(map(_HOST.fullmatch, hosts)):
        raise Refused(MALFORMED_REQUEST, "host")
    if any(b"websocket" in value.lower() for value in found.get(b"x-masked-upgrade", ())):
        raise Refused(WEBSOCKET_UNSUPPORTED)
    chunked = _chunked(found.get(b"transfer-encoding"), minor, MALFORMED_REQUEST)
    length = _length(found.get(b"content-length"), MALFORMED_REQUEST)
    nominated = _nominated(found.get(b"connection"))
    keep_alive = b"close" not in nominated and (minor == 1 or b"keep-alive" in nominated)
    expects = b"expect" in found and _expects(found[b"expect"], minor)
    return RequestHead(
        method,
        target,
        minor,
        headers,
        length=length or 0,
        chunked=chunked,
        keep_alive=keep_alive,
        expects=expects,
        nominated=nominated,
        encoded=_last(found.get(b"content-encoding")) not in _PLAIN,
    )


def _answer(
    status: int, reason: bytes, minor: int, headers: Headers, *, bodiless: bool
) -> AnswerHead:
    if status == 101:
        raise Refused(UPSTREAM_MALFORMED, "nobody asked for an upgrade")
    found = _framing_headers(headers, strict=False)
    chunked = _chunked(found.get(b"transfer-encoding"), minor, UPSTREAM_MALFORMED)
    length = _length(found.get(b"content-length"), UPSTREAM_MALFORMED)
    nominated = _nominated(found.get(b"connection"))
    if bodiless or status < 200 or status in (204, 304):
        length, chunked = 0, False
    reusable = minor == 1 and b"close" not in nominated and (chunked or length is not None)
    return AnswerHead(
        status,
        b"HTTP/1.1 %d %b\r\n" % (status, reason),
        _forwarded(headers, nominated),
        length=length,
        chunked=chunked,
        reusable=reusable,
        length_line=_length_line(headers),
        kind=_last(found.get(b"content-type")),
        encoding=_last(found.get(b"content-encoding")),
    )


def _forwarded(headers: Headers, nominated: frozenset[bytes]) -> list[bytes]:
    """The lines for the client, but for the length: framing is not to be nominated away."""
    return [
        b"%b: %b\r\n" % (name, value)
        for lower, value, name in headers
        if lower not in NOT_FORWARDED
        and lower not in nominated
        and not lower.startswith(b"x-crossfade-")
    ]


def _length_line(headers: Headers) -> bytes:
    for lower, value, name in headers:
        if lower == b"content-length":
            return b"%b: %b\r\n" % (name, value)
    return b""


def _framing_headers(headers: Headers, *, strict: bool = True) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value, _ in headers:
        if name in _FRAMING:
            found.setdefault(name, []).append(value)
        elif strict and b"_" in name:
            raise Refused(MALFORMED_REQUEST, "underscore in a header's name")
    return found


def _chunked(values: list[bytes] | None, minor: int, failure: Failure) -> bool:
    if values is None:
        return False
    if len(values) > 1 or minor == 0 or values[0].lower() != b"chunked":
        raise Refused(failure, "transfer-encoding")
    return True


def _length(values: list[bytes] | None, failure: Failure) -> int | None:
    if values is None:
        return None
    if len(values) > 1 or not values[0].isdigit() or int(values[0]) > MAX_LENGTH:
        raise Refused(failure, "content-length")
    return int(values[0])


def _last(values: list[bytes] | None) -> bytes:
    return b"" if values is None else values[-1].lower()


def _nominated(values: list[bytes] | None) -> frozenset[bytes]:
    if values is None:
        return NO_NAMES
    if len(values) == 1 and values[0] in _KEPT:
        return _KEPT[values[0]]
    return frozenset(token.strip().lower() for value in values for token in value.split(b","))


def _expects(values: list[bytes], minor: int) -> bool:
    if len(values) > 1 or values[0].lower() != b"100-continue":
        raise Refused(EXPECTATION_FAILED)
    return minor == 1
