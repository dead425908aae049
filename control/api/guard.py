"""Who may call the admin API: the right host, the right origin, the right token. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest

from control.address import is_loopback
from control.api.errors import FORBIDDEN_HOST, FORBIDDEN_ORIGIN, UNAUTHORIZED, Rejected
from proxy.policy import Secret

OPEN_PATHS = ("/healthz", "/readyz")  # probes carry no token

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

Headers = Sequence[tuple[str, str]]  # names as sent, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Turns requests away by raising Rejected, before any of their bodies is read.

    `hosts` are the names that a Host header may have; None takes any, which is for listeners
    beyond loopback: a token guards those. A page that reached a loopback listener by DNS
    rebinding would have its own name there.
    """

    token: Secret | None
    hosts: frozenset[str] | None

    def admit(self, method: str, path: str, headers: Headers) -> None:
        """Returns for a request that may go on."""
        host = _one(headers, "host")
        if host is None or not self._is_here(_name(host)):
            raise Rejected(FORBIDDEN_HOST)
        if path not in OPEN_PATHS and not self._knows_token(headers):
            raise Rejected(UNAUTHORIZED)
        if _foreign_origin(headers, host) or _foreign_site(method, headers):
            raise Rejected(FORBIDDEN_ORIGIN)

    def _is_here(self, name: str | None) -> bool:
        return name is not None and (self.hosts is None or name in self.hosts)

    def _knows_token(self, headers: Headers) -> bool:
        if self.token is None:
            return True
        scheme, _, given = (_one(headers, "authorization") or "").partition(" ")
        same = compare_digest(_digest(given.strip()), _digest(self.token.reveal()))
        return same and scheme.lower() == "bearer"


def guard_for(address: str, token: Secret | None) -> Guard:
    """The guard of a listener at an address: `HOST:PORT`, or `unix:/path`."""
    if not is_loopback(address):
        return Guard(token=token, hosts=None)
    own = _name(address)
    return Guard(token=token, hosts=LOCAL_NAMES if own is None else LOCAL_NAMES | {own})


def _one(headers: Headers, name: str) -> str | None:
    values = _all(headers, name)
    return values[0] if len(values) == 1 else None


def _all(headers: Headers, name: str) -> list[str]:
    return [value for sent, value in headers if sent.lower() == name]


def _name(host: str) -> str | None:
    """The name in a Host header or an address, in lower case and without brackets."""
    found = HOST.fullmatch(host)
    return None if found is None else found[1].strip("[]").lower()


def _digest(text: str) -> bytes:
    # Digests have one length, so that comparing them tells nothing of the token's.
    return blake2b(text.encode("utf-8", "surrogateescape")).digest()


def _foreign_origin(headers: Headers, host: str) -> bool:
    return any(_authority(origin) != host.lower() for origin in _all(headers, "origin"))


def _authority(origin: str) -> str | None:
    scheme, _, authority = origin.lower().partition("://")
    return authority if scheme in ("http", "https") else None


def _foreign_site(method: str, headers: Headers) -> bool:
    sites = _all(headers, "sec-fetch-site")
    followed_link = method == "GET" and _all(headers, "sec-fetch-mode") == ["navigate"]
    return not followed_link and any(site not in ("same-origin", "none") for site in sites)
