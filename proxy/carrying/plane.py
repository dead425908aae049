"""The data plane of one process: its listeners, its connections, and how it drains."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from proxy.carrying.connection import ClientConnection
from proxy.carrying.wheel import GRAIN_US
from proxy.carrying.worker import Worker
from proxy.errors import Invalid
from proxy.policy import Snapshot
from proxy.routing.breaker import Breaker

BACKLOG = 4096


class Plane:
    """Listens, turns the wheel, and lets streams finish when it is told to stop."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._servers: list[asyncio.Server] = []
        self._turning: asyncio.TimerHandle | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """What requests are routed by now."""
        routing = self.worker.routing
        return None if routing is None else routing.snapshot

    @property
    def breaker(self) -> Breaker:
        """Which candidates this process spares by itself."""
        return self.worker.breaker

    @property
    def active(self) -> int:
        """Exchanges under way."""
        return self.worker.active

    @property
    def draining(self) -> bool:
        return self.worker.draining

    def swap(self, snapshot: Snapshot) -> None:
        """Route by `snapshot` from the next request on. Raises Invalid and keeps the old one."""
        self.worker.swap(snapshot)

    async def listen(self, places: Sequence[str | socket.socket]) -> list[str]:
        """Listen on each `HOST:PORT`, `unix:PATH` or bound socket; gives the bound addresses.

        Raises Invalid for a bad address, OSError for one that is taken.
        """
        bound = [await self._listen(place) for place in places]
        self._turn()
        return bound

    async def drain(self, timeout_s: float, *, linger_s: float = 0.0) -> bool:
        """Take no more, let exchanges finish for so long, then end them; False if any was cut.

        For the first `linger_s` whoever is connected may still ask, and is told with the answer
        that the connection ends: where another process takes over, no request meets a reset.
        """
        worker = self.worker
        worker.draining = True
        for server in self._servers:
            server.close()
        await asyncio.sleep(0)  # who was accepted in the loop's last round joins in the next
        if linger_s:
            await worker.all_left(linger_s)
        worker.ending = True
        for connection in worker.connections():
            connection.drain()
        done = await worker.all_left(timeout_s)
        if not done:
            for connection in worker.connections():
                connection.end_drain()
            await worker.all_left(1.0)
        return done

    async def close(self) -> None:
        """Give everything back; what still runs is cut."""
        if self._turning is not None:
            self._turning.cancel()
        for server in self._servers:
            server.close()
        for connection in self.worker.connections():
            connection.abort()
        self.worker.close()
        for server in self._servers:
            await server.wait_closed()
        await asyncio.sleep(0)  # closed transports tell their protocols in the loop's next round

    async def _listen(self, address: str | socket.socket) -> str:
        loop = asyncio.get_running_loop()
        if isinstance(address, socket.socket):
            return await self._inherit(address)
        if address.startswith("unix:"):
            path = address.removeprefix("unix:")
            remove_dead_socket(Path(path))
            server = await loop.create_unix_server(self._new, path, backlog=BACKLOG)
            self._servers.append(server)
            return address
        host, port = split_address(address)
        server = await loop.create_server(self._new, host, port, backlog=BACKLOG)
        self._servers.append(server)
        return spelt(server.sockets[0].getsockname())

    async def _inherit(self, bound: socket.socket) -> str:
        """Listen on a socket that another process bound and goes on holding."""
        loop = asyncio.get_running_loop()
        name: object = bound.getsockname()
        if bound.family == socket.AF_UNIX:
            server = await loop.create_unix_server(self._new, sock=bound, backlog=BACKLOG)
        else:
            server = await loop.create_server(self._new, sock=bound, backlog=BACKLOG)
        self._servers.append(server)
        return spelt(name)

    def _new(self) -> ClientConnection:
        return ClientConnection(self.worker)

    def _turn(self) -> None:
        self.worker.wheel.turn(self.worker.clock())
        loop = asyncio.get_running_loop()
        self._turning = loop.call_later(GRAIN_US / 1e6, self._turn)


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT` in two; an IPv6 host stands in brackets. Raises Invalid."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise Invalid(f"an address is HOST:PORT or unix:PATH, not {address[:80]!r}")
    return host.strip("[]"), int(port)


def spelt(name: object) -> str:
    """What a socket is bound to, as an address is written."""
    match name:
        case (str(host), int(port), *_):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        case _:
            return f"unix:{name}"


def remove_dead_socket(path: Path) -> None:
    """Remove a socket that a killed process left; refuse one that somebody listens on."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            path.unlink()
            return
    raise OSError(f"{path.name}: another process listens on this socket")
