"""The pool: which connection is used next, how long one is kept, and why one cannot be had."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from proxy.carrying.pool import Pool
from proxy.carrying.resolve import Resolver, Unresolved
from proxy.carrying.upstream import UpstreamConnection
from proxy.carrying.wheel import GRAIN_US, Wheel
from proxy.errors import Refused
from proxy.policy import Limits
from proxy.routing.destination import Destination
from tests.doubles.raw import RawUpstream
from tests.doubles.transport import Transport
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire
from tests.doubles.worker import Clock, upstream

LIMITS = Limits(connect_timeout=5, upstream_keepalive=15)


class Book(Resolver):
    """A resolver that knows these addresses, or none."""

    def __init__(self, *known: str) -> None:
        super().__init__(Clock())
        self._book = known

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        if not self._book:
            raise Unresolved(host)
        return self._book


class Rig:
    """A pool whose clock stands still until the test moves it."""

    def __init__(self, *known: str, limits: Limits = LIMITS, **changes: object) -> None:
        self.clock = Clock()
        self.wheel = Wheel(self.clock())
        self.pool = Pool(
            Destination(upstream("openai", **changes), clients_have_tokens=False),
            most=10,
            limits=limits,
            resolver=Book(*known),
            wheel=self.wheel,
            clock=self.clock,
        )

    def idle(self) -> tuple[UpstreamConnection, Transport]:
        """A connection that stands ready."""
        connection = self.pool._new()
        transport = Transport(connection)
        self.pool.give_back(connection, self.clock())
        return connection, transport

    def advance(self, seconds: float) -> None:
        self.clock.now += int(seconds * 1e6) + 2 * GRAIN_US
        self.wheel.turn(self.clock.now)

    async def refusal(self) -> str:
        with pytest.raises(Refused) as raised:
            await self.pool.connect()
        return raised.value.failure.code


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_last_used_connection_is_used_first(rig: Rig) -> None:
    connections = [rig.idle()[0] for _ in range(3)]
    assert rig.pool.idle == 3
    taken = [rig.pool.take() for _ in range(4)]
    assert taken == [*reversed(connections), None]


def test_a_connection_that_is_closing_is_not_taken(rig: Rig) -> None:
    first, _ = rig.idle()
    _, closing = rig.idle()
    closing.close()
    assert rig.pool.take() is first
    assert rig.pool.idle == 0


def test_the_oldest_connection_is_closed_first(rig: Rig) -> None:
    transports = [rig.idle()[1] for _ in range(2)]
    closed = []
    for _ in range(3):
        rig.pool.close_oldest()
        closed.append([transport.closed for transport in transports])
    assert closed == [[True, False], [True, True], [True, True]]


def test_a_connection_is_kept_for_upstream_keepalive_since_its_last_use(rig: Rig) -> None:
    connection, transport = rig.idle()
    rig.advance(14)
    assert rig.pool.take() is connection
    rig.pool.give_back(connection, rig.clock())
    rig.advance(14)
    assert rig.pool.idle == 1
    rig.advance(1)
    assert (rig.pool.idle, transport.aborted, len(rig.wheel)) == (0, True, 0)


def test_a_connection_in_use_is_not_closed_for_its_age(rig: Rig) -> None:
    connection, transport = rig.idle()
    rig.pool.take()
    connection.send(_Nobody(), b"GET", b"request")
    rig.advance(60)
    assert not transport.closed


def test_a_new_connection_that_nobody_takes_is_closed(rig: Rig) -> None:
    """Its client may have left in the very moment in which it was connected."""
    transport = Transport(rig.pool._new())
    rig.advance(19)
    assert not transport.closed
    rig.advance(1)
    assert transport.aborted


def test_an_idle_connection_that_ends_leaves_the_pool(rig: Rig) -> None:
    rig.idle()[1].receive_eof()
    rig.idle()[1].lose(ConnectionResetError())
    assert (rig.pool.idle, len(rig.wheel)) == (0, 0)


def test_closing_closes_what_is_idle_and_nothing_else(rig: Rig) -> None:
    _, in_use = rig.idle()
    rig.pool.take()
    idle = [rig.idle()[1] for _ in range(2)]
    rig.pool.close()
    assert (in_use.closed, [one.closed for one in idle]) == (False, [True, True])
    assert rig.pool.idle == 0


async def test_a_new_connection_is_usable_and_not_idle() -> None:
    async with RawUpstream(_wait) as server:
        rig = Rig("127.0.0.1", port=server.port)
        connection = await rig.pool.connect()
        assert (connection.usable, rig.pool.idle) == (True, 0)
        connection.abort()


async def test_the_next_address_is_tried_where_one_refuses() -> None:
    async with RawUpstream(_wait) as server:
        connection = await Rig("::1", "127.0.0.1", port=server.port).pool.connect()
        assert connection.usable
        connection.abort()


async def test_an_upstream_that_no_address_of_reaches_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert await Rig("::1", "127.0.0.1", port=port).refusal() == "upstream_unreachable"


async def test_an_upstream_without_an_address_is_unreachable() -> None:
    assert await Rig().refusal() == "upstream_unreachable"


async def test_a_unix_socket_needs_no_address(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    rig = Rig(socket=path)
    assert await rig.refusal() == "upstream_unreachable"
    async with Server("old", unix=path):
        connection = await rig.pool.connect()
        assert connection.usable
        connection.abort()


async def test_a_server_that_speaks_plain_is_not_tried_at_another_address() -> None:
    async def act(wire: Wire) -> None:
        await wire.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await wire.closed()

    async with RawUpstream(act) as server:
        rig = Rig("127.0.0.1", "127.0.0.1", port=server.port, host="model.example", tls=True)
        assert await rig.refusal() == "upstream_tls"
        assert len(server.wires) == 1


async def test_a_server_that_says_nothing_is_given_up_after_connect_timeout() -> None:
    async with RawUpstream(_wait) as server:
        limits = Limits(connect_timeout=0.05)
        rig = Rig("127.0.0.1", limits=limits, port=server.port, host="model.example", tls=True)
        assert await rig.refusal() == "connect_timeout"


async def _wait(wire: Wire) -> None:
    await wire.closed()


class _Nobody:
    """A listener that is not told anything in its test."""

    def answered(self, *_: object) -> None: ...
    def more(self, *_: object) -> None: ...
    def lost(self, *_: object, answer_begun: bool) -> None: ...
    def upstream_full(self) -> None: ...
    def upstream_drained(self) -> None: ...


@pytest.mark.parametrize("steps", range(12))
async def test_a_dial_that_is_given_up_keeps_nothing(steps: int) -> None:
    async with Server() as server:
        rig = Rig("127.0.0.1", port=server.port)
        dialling = asyncio.create_task(rig.pool.connect())
        for _ in range(steps):
            await asyncio.sleep(0)
        if not dialling.cancel():  # it was quicker
            (await dialling).abort()
        await asyncio.wait([dialling])
        assert len(rig.wheel) == 0


def test_a_connection_that_comes_too_late_is_closed(rig: Rig) -> None:
    connection = rig.pool._new()
    connection.abandon()
    assert Transport(connection).aborted
    assert not connection.usable
    assert len(rig.wheel) == 0
