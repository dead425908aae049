"""An upstream made ready: the constant bytes of its requests, which headers it may see, its TLS."""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import unquote_to_bytes

from proxy.http.head import HOP_BY_HOP, RequestHead
from proxy.policy import Auth, Upstream

CREDENTIALS: Final = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
PRIVATE: Final = frozenset({b"cookie", b"openai-organization", b"openai-project"})
_MOST_FORMS: Final = 8  # of one head: arms, upstreams, with or without compression
# Made anew for each upstream, or nobody's business behind this proxy.
_NEVER_SENT: Final = HOP_BY_HOP | {
    b"host",
    b"content-length",
    b"expect",
    b"x-masked-upgrade",
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-real-ip",
    b"traceparent",
    b"tracestate",
    b"baggage",
}


class Destination:
    """Where requests of one upstream go; immutable once built.

    The caller's own credentials go there only where the caller would have reached it without a
    migration, and where neither an own key nor crossfade's client tokens stand in their place.
    """

    __slots__ = (
        "_auth_line",
        "_closed",
        "_host_line",
        "_open",
        "_replaced",
        "dialect",
        "injects_usage",
        "name",
        "own_key",
        "path",
        "tls",
        "upstream",
    )

    def __init__(self, upstream: Upstream, *, clients_have_tokens: bool) -> None:
        self.upstream: Final = upstream
        self.name: Final = upstream.name
        self.dialect: Final = upstream.dialect
        self.injects_usage: Final = upstream.inject_usage
        self.own_key: Final = upstream.key is not None
        self.path = upstream.path.encode()
        self.tls = tls_context(upstream) if upstream.tls else None
        self._host_line = b" HTTP/1.1\r\nHost: %b\r\n" % _host(upstream).encode()
        self._auth_line = _auth_line(upstream)
        self._replaced = upstream.key is not None or clients_have_tokens
        self._open = _NEVER_SENT | CREDENTIALS if self._replaced else _NEVER_SENT
        self._closed = _NEVER_SENT | CREDENTIALS | PRIVATE

    def head(self, request: RequestHead, target: bytes, *, foreign: bool, plain: bool) -> bytes:
        """The request's head up to its framing line, with `target` in place of its own.

        `foreign` keeps the caller's credentials, cookies and organisation away; `plain` asks for
        an answer without compression.
        """
        key = (self, target, foreign, plain)
        made = request.sent.get(key)
        if made is None:
            made = self._head(request, target, foreign=foreign, plain=plain)
            if len(request.sent) < _MOST_FORMS:
                request.sent[key] = made
        return made

    def _head(self, request: RequestHead, target: bytes, *, foreign: bool, plain: bool) -> bytes:
        drop = self._closed if foreign else self._open
        if plain:
            drop = drop | {b"accept-encoding"}
        if request.nominated:
            drop = drop | request.nominated
        if (foreign or self._replaced) and b"?" in target:
            target = without_key(target)
        lines = [
            b"%b: %b\r\n" % (name, value)
            for lower, value, name in request.headers
            if lower not in drop and not lower.startswith(b"x-crossfade-")
        ]
        if plain:
            lines.append(b"accept-encoding: identity\r\n")
        first = (request.method, b" ", self.path, target, self._host_line, self._auth_line)
        return b"".join((*first, *lines))


def without_key(target: bytes) -> bytes:
    """The target without its query parameter `key`, which is a credential in Gemini's API."""
    path, mark, query = target.partition(b"?")
    parts = query.split(b"&")
    kept = [part for part in parts if unquote_to_bytes(part.partition(b"=")[0]).lower() != b"key"]
    if len(kept) == len(parts):
        return target
    return path + mark + b"&".join(kept) if kept else path


def tls_context(upstream: Upstream) -> ssl.SSLContext:
    """A client context that checks chain and name. Raises OSError for an unreadable CA file."""
    context = ssl.create_default_context(cafile=upstream.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # or writing might have to wait for reading
    context.set_alpn_protocols(["http/1.1"])
    return context


def _host(upstream: Upstream) -> str:
    host = f"[{upstream.host}]" if ":" in upstream.host else upstream.host
    usual = 443 if upstream.tls else 80
    return host if upstream.port == usual or upstream.socket else f"{host}:{upstream.port}"


def _auth_line(upstream: Upstream) -> bytes:
    if upstream.key is None:
        return b""
    key = upstream.key.reveal()
    match upstream.auth:
        case Auth.BEARER:
            return f"authorization: Bearer {key}\r\n".encode()
        case Auth.X_API_KEY | Auth.API_KEY | Auth.X_GOOG_API_KEY:
            return f"{upstream.auth.value}: {key}\r\n".encode()
