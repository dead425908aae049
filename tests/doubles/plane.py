"""A data plane of one's own on 127.0.0.1, on real sockets: Running."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from proxy.carrying.connection import ClientConnection
from proxy.carrying.plane import Plane
from proxy.exchange import Exchange
from proxy.policy import Dialect, Limits, Route, Upstream
from tests.doubles.raw import RawClient, connected
from tests.doubles.until import PATIENCE_S, until
from tests.doubles.worker import Bench, upstream


class Listening(Protocol):
    """A double that an upstream may stand for."""

    @property
    def port(self) -> int: ...


class Running(Bench):
    """A worker that serves. `failures` is what callbacks raised: nothing else would tell."""

    def __init__(
        self,
        *upstreams: Upstream,
        routes: tuple[Route, ...],
        limits: Limits | None,
        tokens: tuple[str, ...] | None,
    ) -> None:
        super().__init__(*upstreams, routes=routes, limits=limits, tokens=tokens)
        self.plane = Plane(self.worker)
        self.address = ""
        self.failures: list[str] = []

    @property
    def port(self) -> int | str:
        """The bound port, or the unix socket's path."""
        if self.address.startswith("unix:"):
            return self.address.removeprefix("unix:")
        return int(self.address.rpartition(":")[2])

    def client(
        self, *, receive_buffer: int | None = None
    ) -> AbstractAsyncContextManager[RawClient]:
        """A raw connection to it."""
        return connected(self.port, receive_buffer=receive_buffer)

    async def exchange(self) -> Exchange:
        """The next exchange that is recorded."""
        return await self.ledger.recorded.get()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop turn until this holds: the plane's inside tells nobody."""
        await until(condition)

    @property
    def connections(self) -> list[ClientConnection]:
        """The clients' connections."""
        return [one for one in self.worker.connections() if isinstance(one, ClientConnection)]

    @property
    def full(self) -> bool:
        """Whether some client is written to faster than it reads."""
        return any(connection.full for connection in self.connections)

    @property
    def held_bytes(self) -> int:
        """Bytes that wait in the plane for somebody: to be sent, or to be read as a request."""
        waiting = 0
        for connection in self.connections:
            waiting += len(connection._inbox) + _unsent(connection._transport)
            relay = connection._relay
            if relay is not None and relay._leg._connection is not None:
                waiting += _unsent(relay._leg._connection._transport)
                waiting += sum(map(len, relay._leg._unsent))
        return waiting + self.worker.buffered


def _unsent(transport: asyncio.Transport | None) -> int:
    return 0 if transport is None else transport.get_write_buffer_size()


@contextlib.asynccontextmanager
async def running(
    *upstreams: Upstream,
    routes: tuple[Route, ...] = (),
    limits: Limits | None = None,
    tokens: tuple[str, ...] | None = None,
    listen: str = "127.0.0.1:0",
) -> AsyncIterator[Running]:
    """A plane before these upstreams, with its snapshot loaded; on exit nothing may be left."""
    proxy = Running(*upstreams, routes=routes, limits=limits, tokens=tokens)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: proxy.failures.append(_told(context)))
    try:
        async with asyncio.timeout(PATIENCE_S):
            (proxy.address,) = await proxy.plane.listen([listen])
            yield proxy
    finally:
        await proxy.plane.close()
        await proxy.worker.all_left(PATIENCE_S)
        loop.set_exception_handler(None)
    assert proxy.failures == []
    proxy.check_nothing_is_left()


def toward(
    server: Listening, name: str = "openai", *, dialect: Dialect = Dialect.OPENAI, **changes: object
) -> Upstream:
    """The upstream that a double is; `changes` replace its members."""
    return upstream(name, dialect=dialect, port=server.port, **changes)


def _told(context: dict[str, object]) -> str:
    return f"{context.get('message')}: {context.get('exception')!r}"
