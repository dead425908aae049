"""What crossfade itself says to a client: its header lines, and its own errors as answers."""

from __future__ import annotations

from typing import Final

from proxy.dialects import Call, Operation, classify, error_body
from proxy.errors import Failure
from proxy.policy import ArmName, Dialect
from proxy.routing.aim import Aim

_REASONS: Final = {
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    417: b"Expectation Failed",
    421: b"Misdirected Request",
    426: b"Upgrade Required",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
    505: b"HTTP Version Not Supported",
}
_EXTRA: Final = {
    401: b"WWW-Authenticate: Bearer\r\n",
    405: b"Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n",
    426: b"Upgrade: HTTP/1.1\r\n",
}
_CANDIDATE: Final = ArmName.CANDIDATE
_UNKNOWN: Final = Call(Dialect.OPENAI, Operation.OTHER)


def own_lines(aim: Aim | None, exchange_id: bytes) -> bytes:
    """The x-crossfade-* header lines of an answer."""
    if aim is None:
        return b"x-crossfade-id: %b\r\n" % exchange_id
    if aim.choice is None:
        return b"x-crossfade-version: %d\r\nx-crossfade-id: %b\r\n" % (aim.version, exchange_id)
    name = b"candidate" if aim.choice.lane.name is _CANDIDATE else b"baseline"
    return b"x-crossfade-arm: %b\r\nx-crossfade-version: %d\r\nx-crossfade-id: %b\r\n" % (
        name,
        aim.version,
        exchange_id,
    )


def error_answer(
    failure: Failure, call: Call | None, own: bytes, *, keep: bool, bodiless: bool = False
) -> bytes:
    """A whole answer in the caller's dialect's error shape."""
    body = error_body(call or _UNKNOWN, failure)
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    retry = b""
    if failure.retry_after_s is not None:
        retry = b"Retry-After: %d\r\n" % failure.retry_after_s
    status = b"HTTP/1.1 %d %b\r\n" % (failure.status, _REASONS[failure.status])
    connection = b"" if keep else b"Connection: close\r\n"
    lines = (status, kind, retry, _EXTRA.get(failure.status, b""), connection, own, b"\r\n")
    return b"".join(lines) + (b"" if bodiless else body)


def guess_call(raw: bytes) -> Call | None:
    """The call that a refused head was after, as far as its first line tells."""
    words = raw[: raw.find(b"\r\n")].split(b" ")
    if len(words) != 3 or not words[1].startswith(b"/"):
        return None
    return classify(words[0], words[1], Dialect.OPENAI)
