"""The connections to one upstream on behalf of one arm: last used, first reused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from proxy.carrying.bounds import Bounds
from proxy.carrying.clock import Clock
from proxy.carrying.resolve import Resolver
from proxy.carrying.tls import dial
from proxy.carrying.upstream import UpstreamConnection
from proxy.carrying.wheel import Wheel
from proxy.errors import CONNECT_TIMEOUT, UPSTREAM_TLS, UPSTREAM_UNREACHABLE, Refused
from proxy.http.answer_heads import AnswerHeads
from proxy.policy import Limits
from proxy.routing.destination import Destination

Dial: TypeAlias = Callable[[Callable[[], UpstreamConnection]], Awaitable[object]]


class Pool:
    """A bulkhead: each arm has its own, so one arm's trouble is not the other's.

    `busy` counts the exchanges under way; `most` bounds them.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        most: int,
        limits: Limits,
        resolver: Resolver,
        wheel: Wheel,
        clock: Clock,
    ) -> None:
        self.destination = destination
        self.most = most
        self.busy = 0
        self._limits = limits
        self._keep_us = Bounds(limits).upstream_keepalive_us
        self._resolver = resolver
        self._wheel = wheel
        self._clock = clock
        self._heads = AnswerHeads()
        self._idle: dict[UpstreamConnection, None] = {}  # in order of their last use

    @property
    def idle(self) -> int:
        """Connections that stand ready."""
        return len(self._idle)

    def close_oldest(self) -> None:
        """Close the connection that has been idle for longest, if there is one."""
        for connection in self._idle:
            connection.abort()
            self.forget(connection)
            return

    def take(self) -> UpstreamConnection | None:
        """A warm connection, if there is one."""
        while self._idle:
            connection, _ = self._idle.popitem()
            if connection.usable:
                return connection
        return None

    def give_back(self, connection: UpstreamConnection, now: int) -> None:
        """Keep a connection whose exchange ended cleanly at `now`."""
        connection.leave()
        self._idle[connection] = None
        self._wheel.set(connection, now + self._keep_us)

    def forget(self, connection: UpstreamConnection) -> None:
        self._wheel.remove(connection)
        self._idle.pop(connection, None)

    def close(self) -> None:
        """Close what is idle; connections in use end with their exchange."""
        for connection in tuple(self._idle):
            connection.abort()

    async def connect(self) -> UpstreamConnection:
        """A new connection. Raises Refused: connect_timeout, upstream_tls, upstream_unreachable."""
        try:
            async with asyncio.timeout(self._limits.connect_timeout):
                return await self._dial()
        except TimeoutError as error:
            raise Refused(CONNECT_TIMEOUT, str(error)) from error
        except ssl.SSLError as error:
            raise Refused(UPSTREAM_TLS, str(error)) from error
        except OSError as error:
            raise Refused(UPSTREAM_UNREACHABLE, str(error)) from error

    async def _dial(self) -> UpstreamConnection:
        upstream = self.destination.upstream
        loop = asyncio.get_running_loop()
        if upstream.socket is not None:
            path = upstream.socket
            return await self._made(lambda new: loop.create_unix_connection(new, path))
        addresses = await self._resolver.addresses(upstream.host, upstream.port)
        for address in addresses[:-1]:
            try:
                return await self._dial_address(loop, address)
            except ssl.SSLError:
                raise
            except OSError:
                continue
        return await self._dial_address(loop, addresses[-1])

    async def _dial_address(
        self, loop: asyncio.AbstractEventLoop, address: str
    ) -> UpstreamConnection:
        upstream = self.destination.upstream
        host, port, tls = upstream.host, upstream.port, self.destination.tls
        if tls is None:
            return await self._made(lambda new: loop.create_connection(new, address, port))
        return await self._made(lambda new: dial(new(), tls, host, address, port))

    async def _made(self, dial: Dial) -> UpstreamConnection:
        connection = self._new()
        try:
            await dial(lambda: connection)
        except BaseException:  # the loop lets go of it without a word, a cancelled one's cycle too
            connection.abandon()
            raise
        return connection

    def _new(self) -> UpstreamConnection:
        connection = UpstreamConnection(self, self._limits.max_headers, self._heads)
        # Should nobody take it (a client that left in that very moment), this closes it.
        unused_s = self._limits.connect_timeout + self._limits.upstream_keepalive
        self._wheel.set(connection, self._clock() + int(unused_s * 1e6))
        return connection
