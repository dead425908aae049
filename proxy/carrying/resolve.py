"""Host names to addresses: cached for a short time, and the last good answer kept."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable

TTL_S = 30.0

# A last label that is a number makes the whole host one (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)


class Unresolved(OSError):
    """A name has no usable address; the text is for the log."""


class Resolver:
    """Resolves upstream names off the loop; an answer that fails falls back on the last good one.

    A name may not lead to a link-local, multicast or unspecified address, nor, unless it is
    localhost, to a loopback one: rebinding a name must not open this host's own services.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock  # microseconds
        self._known: dict[tuple[str, int], tuple[int, tuple[str, ...]]] = {}

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of `host`, in the order to try. Raises Unresolved."""
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        known = self._known.get((host, port))
        now = self._clock()
        if known is not None and now < known[0]:
            return known[1]
        try:
            fresh = await self._look_up(host, port)
        except (OSError, UnicodeError) as error:  # a name with a label too long is the latter
            if known is not None:
                return known[1]
            raise Unresolved(f"{host}: {error}") from error
        self._known[host, port] = (now + int(TTL_S * 1e6), fresh)
        return fresh

    async def _look_up(self, host: str, port: int) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = dict.fromkeys(str(row[4][0]) for row in rows)
        allowed = tuple(address for address in found if usable(host, address))
        if not allowed:
            raise Unresolved(f"{host} has no usable address")
        return allowed


def usable(host: str, address: str) -> bool:
    """Whether a name may lead to this address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped  # where a connection would lead
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return not ip.is_loopback or host == "localhost" or host.endswith(".localhost")


def _literal(host: str) -> str | None:
    """The host itself when it is an address; other spellings of numbers are refused."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    if _NUMBER.fullmatch(host):
        raise Unresolved(f"{host} is not a canonical address")
    return None
