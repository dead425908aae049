"""Pooled connections: dead ones are found out before use, and nothing is sent twice by luck."""

from __future__ import annotations

import asyncio

import pytest

from proxy.exchange import Outcome
from proxy.policy import Limits
from tests.doubles.plane import Running, running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, get, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class OnceOnly:
    """Answers a connection's first request, and ends the connection on its second."""

    def __init__(self, *, reset: bool = True, say: bytes = b"") -> None:
        self._reset = reset
        self._say = say
        self.asked: list[bytes] = []

    async def play(self, wire: Wire) -> None:
        self.asked.append((await wire.read_message()).start[0])
        await wire.send(OK)
        if await wire.more():
            self.asked.append((await wire.read_message()).start[0])
            await wire.send(self._say)
            if self._reset:
                wire.reset()


# 48: repeated once where that is safe
@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(
    "sent",
    [
        get(),
        request(method=b"HEAD", target=b"/v1/models"),
        request(method=b"OPTIONS", target=b"/v1/models"),
        request(method=b"DELETE", target=b"/v1/files/x"),
    ],
)
async def test_a_request_that_is_safe_to_repeat_survives_a_dead_connection(
    sent: bytes, reset: bool
) -> None:
    upstream_double = OnceOnly(reset=reset)
    async with (
        RawUpstream(upstream_double.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(get())).body == b"ok"
        await client.send(sent)
        assert (await client.read_message(no_body=True)).status == 200
        assert len(upstream.wires) == 2
        assert len(upstream_double.asked) == 3
        assert [exchange.outcome for exchange in proxy.exchanges] == [Outcome.OK] * 2


# 48: a POST may have been carried out already, so only its client may repeat it
@pytest.mark.parametrize("reset", [True, False])
async def test_a_post_is_never_sent_twice(reset: bool) -> None:
    upstream_double = OnceOnly(reset=reset)
    async with (
        RawUpstream(upstream_double.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).body == b"ok"
        assert (await client.ask(chat())).status == 502
        assert upstream_double.asked == [b"POST", b"POST"]
        assert len(upstream.wires) == 1


# 48: an answer that has begun is never asked for again
@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 200 OK\r\nX: +", b"nonsense\r\n\r\n"])
async def test_a_request_whose_answer_has_begun_is_never_sent_twice(said: bytes) -> None:
    upstream_double = OnceOnly(reset=False, say=said)
    async with (
        RawUpstream(upstream_double.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(get())).body == b"ok"
        assert (await client.ask(get())).status == 502
        assert upstream_double.asked == [b"GET", b"GET"]
        assert len(upstream.wires) == 1


async def test_a_new_connection_that_dies_is_not_tried_again() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(get())).status == 502
        assert len(upstream.wires) == 1


# 48: found out on the loop, not on use
@pytest.mark.parametrize("reset", [True, False])
async def test_an_idle_connection_that_ends_leaves_the_pool(reset: bool) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(OK)
        if len(upstream.wires) == 1:
            await idle.wait()
            wire.reset() if reset else wire.half_close()
        await wire.closed()

    idle = asyncio.Event()
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.ask(chat())
        assert proxy.idle == 1
        idle.set()
        await proxy.until(lambda: proxy.idle == 0)
        assert (await client.ask(chat())).body == b"ok"


async def test_an_idle_connection_is_closed_before_its_server_would(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(upstream_keepalive=15)) as proxy,
        proxy.client() as client,
    ):
        await client.ask(chat())
        proxy.advance(14)
        assert proxy.idle == 1
        proxy.advance(1)
        assert proxy.idle == 0
        await old.connections[0].ended.wait()
        assert (await client.ask(chat())).status == 200


async def test_a_connection_in_use_outlives_its_idle_time(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(upstream_keepalive=15)) as proxy,
        proxy.client() as client,
    ):
        await client.ask(chat())
        await client.send(chat(hold_head=True))
        await old.arrived.get()
        received = await old.arrived.get()
        proxy.advance(60)
        received.go.set()
        assert (await client.read_message()).status == 200
        assert len(old.connections) == 1


async def test_the_last_used_connection_is_used_first(old: Server) -> None:
    async with running(toward(old)) as proxy:
        await _busy_at_once(proxy, old, 3)
        assert proxy.idle == 3
        last = old.requests[-1].connection
        async with proxy.client() as client:
            for _ in range(3):
                await client.ask(chat())
                assert old.requests[-1].connection is last


async def _busy_at_once(proxy: Running, server: Server, count: int) -> None:
    """So many exchanges at the same time, which end in the order in which they began."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(_one(proxy))
        held = [await server.arrived.get() for _ in range(count)]
        for received in held:
            before = proxy.idle
            await received.held.wait()
            received.go.set()
            await proxy.until(lambda before=before: proxy.idle > before)
    server.requests.append(held[-1])


async def _one(proxy: Running) -> None:
    async with proxy.client() as client:
        await client.ask(chat(hold_head=True))
