"""A client that hangs up stops the upstream's work in every phase, and is metered exactly once."""

from __future__ import annotations

import contextlib

import pytest

from proxy.exchange import Outcome, UsageState
from proxy.policy import Limits
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawClient, RawUpstream
from tests.doubles.requests import chat, chunked, prompt
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended, Wire
from tests.doubles.worker import upstream
from tests.proxy.routes import route

ENDS = ["fin", "rst", "half-close"]


async def hang_up(client: RawClient, how: str) -> None:
    match how:
        case "fin":
            await client.close()
        case "rst":
            client.reset()
        case _:
            client.half_close()


# 2, and 5 for the half-close: whoever still wants an answer keeps its side open
@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("stream", [True, False])
async def test_before_the_answers_head(old: Server, how: str, stream: bool) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=stream, hold_head=True))
        received = await old.arrived.get()
        await received.held.wait()
        await hang_up(client, how)
        assert await old.disconnects.get() is received
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.CLIENT_CANCELLED
        assert exchange.status is None
        assert exchange.usage_state is UsageState.ESTIMATED
        assert exchange.usage is not None
        assert exchange.usage.input == -(-len(received.body.bytes) // 4)
        assert await client.closed() in (Ended.FIN, None)  # 5: never hangs
    assert len(proxy.exchanges) == 1


# 3: what was delivered counts
@pytest.mark.parametrize("how", ENDS)
async def test_in_the_middle_of_a_stream(old: Server, how: str) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=True, events=9, hold_after=5))
        received = await old.arrived.get()
        await received.held.wait()
        await client.until(received.answer.events[4])
        await hang_up(client, how)
        assert await old.disconnects.get() is received
        exchange = await proxy.exchange()
        assert (exchange.outcome, exchange.status) == (Outcome.CLIENT_CANCELLED, 200)
        assert exchange.usage_state is UsageState.ESTIMATED
        assert exchange.usage is not None
        assert exchange.usage.output > 0
        assert exchange.cost_picousd is not None
    assert len(proxy.exchanges) == 1


async def test_in_the_middle_of_a_sized_answer(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(size=300_000, hold_after=2))
        received = await old.arrived.get()
        await received.held.wait()
        await client.read_head()
        client.reset()
        assert await old.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED


# 4: HAProxy's three phases of http_abortonclose.vtc; queued requests are refused, never held
async def test_while_the_upstream_is_being_connected_to(deaf: int) -> None:
    async with running(upstream(port=deaf)) as proxy:
        async with proxy.client() as client:
            await client.send(chat())
            await proxy.until(lambda: len(proxy.worker._tasks) == 1)
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.CLIENT_CANCELLED
        assert exchange.usage is None  # nothing was sent, so nothing is paid for
        await proxy.until(lambda: not proxy.worker._tasks)


async def test_while_a_tls_handshake_is_under_way() -> None:
    async def act(wire: Wire) -> None:
        assert await wire.closed()

    async with RawUpstream(act) as stalled, running(toward(stalled, tls=True)) as proxy:
        async with proxy.client() as client:
            await client.send(chat())
            wire = await stalled.arrived.get()
        assert await wire.closed()
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED


async def test_an_arm_without_room_takes_no_slot_and_no_connection(old: Server) -> None:
    limits = Limits(max_streams=2)
    async with (
        running(toward(old), limits=limits) as proxy,
        proxy.client() as first,
        proxy.client() as second,
        proxy.client() as third,
    ):
        for client in (first, second):
            await client.send(chat(hold_head=True))
            await old.arrived.get()
        answer = await third.ask(chat())
        assert (answer.status, answer.get(b"retry-after")) == (503, b"1")
        assert len(old.connections) == 2


# 2, 3: a body that is still coming
@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_in_the_middle_of_an_upload(old: Server, how: str) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chunked([prompt()])[:-7])
        received = await old.arrived.get()
        await hang_up(client, how)
        await received.connection.ended.wait()
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED
        assert not received.read.is_set()
    assert len(proxy.exchanges) == 1


async def test_while_its_body_is_collected_for_routing(old: Server) -> None:
    async with running(toward(old), routes=(route(),)) as proxy:
        async with proxy.client() as client:
            await client.send(chat()[:-1])
            await proxy.until(lambda: proxy.worker.buffered > 0)
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED
    assert old.connections == []
    assert len(proxy.exchanges) == 1


async def test_before_its_head_is_complete_it_was_no_request(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat()[:30])
        await proxy.until(lambda: any(map(len, [c._inbox for c in proxy.connections])))
    assert old.connections == []
    assert proxy.exchanges == []


# 6: nothing is left to cancel
async def test_after_the_last_byte_it_is_a_success(old: Server) -> None:
    times = 1000
    async with running(toward(old)) as proxy:
        for number in range(times):
            async with proxy.client() as client:
                await client.send(chat(stream=True, events=2))
                await client.until(b"data: [DONE]\n\n")
                client.reset() if number % 2 else await client.close()
            assert (await proxy.exchange()).outcome is Outcome.OK
    assert len(proxy.exchanges) == times


async def test_a_hundred_at_once_free_everything(old: Server) -> None:
    async with running(toward(old)) as proxy:
        async with contextlib.AsyncExitStack() as stack:
            for number in range(100):
                client = await stack.enter_async_context(proxy.client())
                phase = {"hold_head": True} if number % 2 else {"hold_after": 3}
                await client.send(chat(stream=True, **phase))
            for _ in range(100):
                await (await old.arrived.get()).held.wait()
        for _ in range(100):
            await old.disconnects.get()
            assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED
        assert (proxy.plane.active, proxy.idle) == (0, 0)


async def test_a_hang_up_ends_one_stream_and_no_other(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as stays:
        await stays.send(chat(stream=True, hold_after=2))
        held = await old.arrived.get()
        async with proxy.client() as leaves:
            await leaves.send(chat(stream=True, hold_after=2))
            gone = await old.arrived.get()
            await gone.held.wait()
        assert await old.disconnects.get() is gone
        await held.held.wait()
        held.go.set()
        assert (await stays.read_message()).complete
        assert not held.disconnected.is_set()
    outcomes = sorted(exchange.outcome for exchange in proxy.exchanges)
    assert outcomes == [Outcome.CLIENT_CANCELLED, Outcome.OK]
