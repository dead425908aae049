"""An answer of the admin API: its bytes, and the headers that every one of them carries."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp.web import Response

HEADERS = {
    "Server": "crossfade",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def json(record: object, *, status: int = 200) -> Response:
    """A record as JSON."""
    return body(msgspec.json.encode(record), "application/json", status=status)


def body(
    content: bytes,
    content_type: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Bytes of a type, with the headers of every answer; `headers` go over those."""
    named = {**HEADERS, "Content-Type": content_type, **(headers or {})}
    return Response(status=status, body=content, headers=named)
