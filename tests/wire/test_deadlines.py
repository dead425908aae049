"""Every deadline and limit of crossfade.yaml, by a clock that only these tests move."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec.structs import replace

from proxy.exchange import Outcome
from proxy.policy import Arm, Limits, Secret
from tests.doubles.message import Message
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, chunked, get, prompt, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended, Wire
from tests.doubles.worker import upstream
from tests.proxy.routes import route


def code(answer: Message) -> str:
    return str(json.loads(answer.body)["error"]["code"])


# 46: slowloris
async def test_a_header_that_trickles_is_cut_off(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for byte in chat()[:30]:
            await client.send(bytes([byte]))
        await proxy.until(lambda: len(proxy.connections[0]._inbox) == 30)
        proxy.advance(9)
        assert client.received == b""
        proxy.advance(1)
        answer = await client.read_message()
        assert (answer.status, code(answer)) == (408, "header_timeout")


# 22: a body that was promised and does not come
@pytest.mark.parametrize("routed", [True, False])
@pytest.mark.parametrize("chunks", [True, False])
async def test_a_body_that_stops_coming_is_cut_off(old: Server, routed: bool, chunks: bool) -> None:
    body = prompt()
    sent = chunked([body])[:-10] if chunks else request(body=body)[:-10]
    routes = (route(),) if routed else ()
    async with (
        running(toward(old), routes=routes, limits=Limits(body_timeout=60)) as proxy,
        proxy.client() as client,
    ):
        await client.send(sent)
        await proxy.until(lambda: proxy.held_bytes > 0 if routed else len(old.requests) == 1)
        proxy.advance(59)
        assert proxy.plane.active == 1
        proxy.advance(2)
        answer = await client.read_message()
        assert (answer.status, code(answer)) == (408, "body_timeout")
        assert await client.closed() is Ended.FIN
        assert proxy.worker.buffered == 0
    assert [e.outcome for e in proxy.exchanges] == ([] if routed else [Outcome.CLIENT_ERROR])


async def test_an_upload_that_keeps_a_rate_outlasts_its_time(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(body_timeout=60)) as proxy,
        proxy.client() as client,
    ):
        await client.send(request(b"Content-Length: 200000"))
        received = await old.arrived.get()
        for sent in range(20_000, 200_001, 20_000):
            await client.send(b"x" * 20_000)
            await proxy.until(lambda sent=sent: received.body.length == sent)
            proxy.advance(18)
        assert (await client.read_message()).status == 200
        assert proxy.clock.now - 10**12 > 180_000_000


async def test_an_upload_below_the_rate_is_cut_off(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(body_timeout=60)) as proxy,
        proxy.client() as client,
    ):
        await client.send(request(b"Content-Length: 200000"))
        received = await old.arrived.get()
        for sent in range(1, 5):
            await client.send(b"x")
            await proxy.until(lambda sent=sent: received.body.length == sent)
            proxy.advance(14)
        proxy.advance(5)
        assert code(await client.read_message()) == "body_timeout"


async def test_an_upstream_that_says_nothing_is_given_up(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(hold_head=True))
        received = await old.arrived.get()
        await received.held.wait()
        proxy.advance(599)
        assert proxy.plane.active == 1
        proxy.advance(1)
        answer = await client.read_message()
        assert (answer.status, code(answer)) == (504, "first_byte_timeout")
        assert await old.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TIMEOUT
        assert (await client.ask(chat())).status == 200


async def test_an_interim_answer_is_no_first_byte() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        said.set()
        await wire.closed()

    said = asyncio.Event()
    async with (
        RawUpstream(act) as upstream_double,
        running(toward(upstream_double)) as proxy,
        proxy.client() as client,
    ):
        await client.send(chat())
        await said.wait()
        proxy.advance(600)
        assert code(await client.read_message()) == "first_byte_timeout"


async def test_a_stream_that_goes_on_outlives_its_idle_time(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=True, hold_after=2))
        received = await old.arrived.get()
        await received.held.wait()
        await proxy.until(lambda: received.answer.events[1] in client.received)
        proxy.advance(299)
        received.go.set()
        await client.until(b"0\r\n\r\n")
        assert (await proxy.exchange()).outcome is Outcome.OK


# 47 and connecting: bounded waits, then an answer
async def test_a_host_that_does_not_answer_is_given_up(deaf: int) -> None:
    limits = Limits(connect_timeout=0.05)
    async with running(upstream(port=deaf), limits=limits) as proxy, proxy.client() as client:
        answer = await client.ask(chat())
        assert (answer.status, code(answer)) == (504, "connect_timeout")
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TIMEOUT
        assert proxy.ledger.troubles["connect_timeout"] == 1


async def test_the_total_time_counts_while_connecting_too(deaf: int) -> None:
    async with (
        running(upstream(port=deaf), limits=Limits(total_timeout=700)) as proxy,
        proxy.client() as client,
    ):
        await client.send(request(b"Content-Length: 9") + b"abc")
        await proxy.until(lambda: len(proxy.worker._tasks) == 1)
        proxy.advance(600)
        assert proxy.plane.active == 1
        proxy.advance(100)
        assert code(await client.read_message()) == "total_timeout"
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TIMEOUT
        await proxy.until(lambda: not proxy.worker._tasks)


async def test_nobody_at_the_port_is_an_answer_at_once() -> None:
    async with RawUpstream(Wire.closed) as gone:
        pass
    async with running(toward(gone)) as proxy, proxy.client() as client:
        for _ in range(2):
            answer = await client.ask(chat())
            assert (answer.status, code(answer)) == (502, "upstream_unreachable")
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_ERROR


# 1: a client that takes nothing at all is given up; one that takes a little is not
async def test_a_client_that_takes_nothing_is_given_up() -> None:
    async def flood(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % 2**40)
        while True:
            await wire.send(bytes(65_536))

    async with (
        RawUpstream(flood) as upstream_double,
        running(toward(upstream_double), limits=Limits(write_stall_timeout=60)) as proxy,
        proxy.client(receive_buffer=4096) as client,
    ):
        client.pause()
        await client.send(get())
        wire = await upstream_double.arrived.get()
        await proxy.until(lambda: proxy.full and not wire.writable)
        proxy.advance(59)
        assert proxy.plane.active == 1
        proxy.advance(1)
        exchange = await proxy.exchange()
        assert (exchange.outcome, exchange.blame) == (Outcome.CLIENT_CANCELLED, "client")
        await wire.gone.wait()
        proxy.advance(60)
        await proxy.until(lambda: proxy.connections == [])


# limits
async def test_streams_beyond_the_bound_are_told_to_come_back(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(max_streams=1)) as proxy,
        proxy.client() as first,
        proxy.client() as second,
    ):
        await first.send(chat(hold_head=True))
        received = await old.arrived.get()
        await received.held.wait()
        answer = await second.ask(chat())
        assert (answer.status, code(answer)) == (503, "overloaded")
        assert answer.get(b"retry-after") == b"1"
        received.go.set()
        assert (await first.read_message()).status == 200


# 47: the candidate's trouble never takes the baseline's room
async def test_a_hanging_candidate_leaves_room_for_the_baseline(old: Server, new: Server) -> None:
    split = replace(
        route(),
        candidate=Arm(name="new", upstream="new", model="new"),
        allow_force=True,
    )
    arms = toward(old), toward(new, "new", key=Secret("sk-CANARY-new"))
    limits = Limits(max_streams=4)
    async with (
        running(*arms, routes=(split,), limits=limits) as proxy,
        proxy.client() as one,
        proxy.client() as two,
        proxy.client() as three,
    ):
        forced = chat(b"x-crossfade-arm: candidate", hold_head=True)
        for client in (one, two):
            await client.send(forced)
            await (await new.arrived.get()).held.wait()
        answer = await three.ask(forced)
        assert (answer.status, code(answer)) == (503, "arm_overloaded")
        assert answer.get(b"x-crossfade-arm") == b"candidate"
        assert (await three.ask(chat())).get(b"x-served-by") == b"old"
