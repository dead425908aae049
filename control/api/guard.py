"""Who may call the admin API: the right host, the right origin, the right token. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest

from control.api.errors import FORBIDDEN_HOST, FORBIDDEN_ORIGIN, UNAUTHORIZED, Rejected
from control.files.address import is_loopback
from control.roles import Role
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

    tokens: Mapping[Role, Secret]
    hosts: frozenset[str] | None

    def admit(self, method: str, path: str, headers: Headers) -> Role:
        """The role in which a request may go on; without any token everybody is the owner."""
        host = _one(headers, "host")
        if host is None or not self._is_here(_name(host)):
            raise Rejected(FORBIDDEN_HOST)
        role = Role.VIEWER if path in OPEN_PATHS else self._role(headers)
        if role is None:
            raise Rejected(UNAUTHORIZED)
        if _foreign_origin(headers, host) or _foreign_site(method, headers):
            raise Rejected(FORBIDDEN_ORIGIN)
        return role

    def _is_here(self, name: str | None) -> bool:
        return name is not None and (self.hosts is None or name in self.hosts)

    def _role(self, headers: Headers) -> Role | None:
        if not self.tokens:
            return Role.OWNER
        scheme, _, given = (_one(headers, "authorization") or "").partition(" ")
        shown = _digest(given.strip())
        # All of them are compared, so that the time tells nothing of which one was nearly right.
        known = [r for r, token in self.tokens.items() if compare_digest(shown, _of(token))]
        return known[0] if known and scheme.lower() == "bearer" else None


def guard_for(address: str, tokens: Mapping[Role, Secret]) -> Guard:
    """The guard of a listener at an address: `HOST:PORT`, or `unix:/path`."""
    if not is_loopback(address):
        return Guard(tokens=tokens, hosts=None)
    own = _name(address)
    return Guard(tokens=tokens, hosts=LOCAL_NAMES if own is None else LOCAL_NAMES | {own})


def _one(headers: Headers, name: str) -> str | None:
    values = _all(headers, name)
    return values[0] if len(values) == 1 else None


def _all(headers: Headers, name: str) -> list[str]:
    return [value for sent, value in headers if sent.lower() == name]


def _name(host: str) -> str | None:
    """The name in a Host header or an address, in lower case and without brackets."""
    found = HOST.fullmatch(host)
    return None if found is None else found[1].strip("[]").lower()


def _of(token: Secret) -> bytes:
    return _digest(token.reveal())


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
