"""Requests as exact bytes, for tests that change only what they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence

CHAT = b"/v1/chat/completions"


def request(
    *lines: bytes,
    method: bytes = b"POST",
    target: bytes = CHAT,
    version: bytes = b"1.1",
    body: bytes = b"",
) -> bytes:
    """A request with these header lines after its Host, and a length where it has a body."""
    length = [b"Content-Length: %d" % len(body)] if body else []
    first = b"%b %b HTTP/%b" % (method, target, version)
    return b"\r\n".join((first, b"Host: crossfade", *length, *lines, b"", body))


def get(target: bytes = b"/v1/models", *lines: bytes, version: bytes = b"1.1") -> bytes:
    """A request without a body."""
    return request(*lines, method=b"GET", target=target, version=version)


def prompt(*, model: str = "gpt-4o", stream: bool = False, **members: object) -> bytes:
    """The JSON body of a chat request."""
    text = [{"role": "user", "content": "CANARY-PROMPT-wire"}]
    return json.dumps({"model": model, "stream": stream, "messages": text} | members).encode()


def chat(
    *lines: bytes,
    model: str = "gpt-4o",
    stream: bool = False,
    version: bytes = b"1.1",
    body: bytes | None = None,
    **script: object,
) -> bytes:
    """A chat request; `script` tells the upstream double what to answer."""
    told = [b"X-Script: " + json.dumps(script).encode()] if script else []
    sent = prompt(model=model, stream=stream) if body is None else body
    return request(*told, *lines, version=version, body=sent)


def chunked(
    pieces: Sequence[bytes],
    *lines: bytes,
    target: bytes = CHAT,
    trailers: bytes = b"",
    extension: bytes = b"",
) -> bytes:
    """A request whose body comes in these chunks."""
    head = request(b"Transfer-Encoding: chunked", *lines, target=target)
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(p), extension, p) for p in pieces)
    return head + framed + b"0\r\n" + trailers + b"\r\n"
