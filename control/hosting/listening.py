"""The sockets of a host, bound once by the parent process and handed to every worker."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path

from proxy.carrying.plane import BACKLOG, remove_dead_socket, split_address


def listening(addresses: Sequence[str], *, beside: bool = False) -> tuple[socket.socket, ...]:
    """A listening socket for each `HOST:PORT` or `unix:PATH`; a worker's death loses none of them.

    `beside`: workers of a parent that has died may still listen there, until these take over.
    Raises Invalid for a bad address, OSError for one that is taken; then nothing is held.
    """
    held: list[socket.socket] = []
    try:
        for address in addresses:
            held.append(_bound(address, beside=beside))  # noqa: PERF401 - those before a failure are closed
    except BaseException:
        for one in held:
            one.close()
        raise
    return tuple(held)


def _bound(address: str, *, beside: bool) -> socket.socket:
    if address.startswith("unix:"):
        path = Path(address.removeprefix("unix:"))
        if beside:
            path.unlink(missing_ok=True)
        remove_dead_socket(path)
        made = socket.socket(socket.AF_UNIX)
        return _listening(made, os.fspath(path))
    host, port = split_address(address)
    ((family, _, _, _, place), *_) = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    if port and not beside:
        with _opened(family) as probe:  # alone: nobody else may listen there
            probe.bind(place)
    made = _opened(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # for a successor of this parent
    return _listening(made, place)


def _opened(family: int) -> socket.socket:
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def _listening(made: socket.socket, place: str | tuple[object, ...]) -> socket.socket:
    try:
        made.bind(place)
        made.listen(BACKLOG)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made
