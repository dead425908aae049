"""Who may use the listener: anyone, or holders of a client token."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import parse_qsl

from proxy.http.head import RequestHead
from proxy.policy import Secret

_HEADERS: Final = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})


class Clients:
    """`tokens` None is open to all. Tokens are compared by digest, so timing tells nothing."""

    def __init__(self, tokens: tuple[Secret, ...] | None) -> None:
        self._digests = None if tokens is None else {_digest(t.reveal().encode()) for t in tokens}

    @property
    def have_tokens(self) -> bool:
        return self._digests is not None

    def admit(self, head: RequestHead) -> bool:
        """Whether the request carries a token where SDKs put their API key."""
        if self._digests is None:
            return True
        return any(_digest(token) in self._digests for token in _presented(head))


def _presented(head: RequestHead) -> list[bytes]:
    found = []
    for lower, value, _ in head.headers:
        if lower in _HEADERS:
            scheme, _, token = value.partition(b" ")
            found.append(token.strip() if scheme.lower() == b"bearer" else value)
    query = head.target.partition(b"?")[2]
    if query:
        found += [value for name, value in parse_qsl(query) if name == b"key"]
    return found


def _digest(token: bytes) -> bytes:
    return hashlib.blake2b(token, digest_size=32).digest()
