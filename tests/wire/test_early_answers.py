"""A final answer may come while the upload still runs: it is passed on at once, and ends both."""

from __future__ import annotations

import asyncio

import pytest

from proxy.exchange import Outcome
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import CHAT, chat, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire

PIECE = b"x" * 65_536
MANY = 50 * 1024 * 1024
FULL = b'{"error":{"message":"too much","type":"x","code":"x"}}'
REFUSED = b"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: %d\r\n\r\n%b" % (
    len(FULL),
    FULL,
)


def upload(framing: bytes) -> bytes:
    """The head and the first bytes of an upload that never ends."""
    head = request(framing)
    return head + (PIECE if framing.startswith(b"Content") else b"10000\r\n" + PIECE + b"\r\n")


FRAMINGS = [b"Content-Length: %d" % MANY, b"Transfer-Encoding: chunked"]


# 20
@pytest.mark.parametrize("framing", FRAMINGS)
async def test_it_is_passed_on_at_once_and_its_connection_never_reused(framing: bytes) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(REFUSED)
        ended.append(await wire.closed())

    ended: list[object] = []
    async with RawUpstream(act) as upstream, running(toward(upstream)) as proxy:
        async with proxy.client() as client:
            answer = await client.ask(upload(framing))
            assert (answer.status, answer.body) == (429, FULL)
            assert answer.get(b"retry-after") == b"3"
            assert answer.get(b"connection") == b"close"
            exchange = await proxy.exchange()
            assert (exchange.outcome, exchange.status) == (Outcome.CLIENT_ERROR, 429)
            assert proxy.idle == 0
            await upstream.wires[0].gone.wait()
        async with proxy.client() as client:
            await client.send(chat())
            await upstream.arrived.get()
            await upstream.arrived.get()
        assert len(upstream.wires) == 2


# 20: a client that goes on sending can still read the answer
async def test_a_client_that_goes_on_sending_reads_it() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(REFUSED)
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.send(request(b"Content-Length: %d" % MANY))
        await proxy.exchange()
        for _ in range(100):
            await client.send(PIECE)
        assert (await client.read_message()).body == FULL
        assert proxy.held_bytes == 0


# 20: a server that closes right behind its answer, as nginx does
async def test_an_upstream_that_answers_and_closes_is_heard() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(REFUSED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(upload(FRAMINGS[0]))).status == 429


# 20: the answer streams for as long as it likes, and the upload may end meanwhile
async def test_an_answer_that_streams_during_the_upload_is_whole() -> None:
    async def act(wire: Wire) -> None:
        head = await wire.read_head()
        await wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        await half.wait()
        body, complete = await wire._exactly(head.length or 0)
        assert complete
        await wire.send(b"5\r\n%05d\r\n0\r\n\r\n" % len(body))
        await wire.closed()

    half = asyncio.Event()
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.send(request(b"Content-Length: 4", target=CHAT) + b"ab")
        await client.until(b"2\r\nhi\r\n")
        half.set()
        await client.send(b"cd")
        assert await client.until(b"0\r\n\r\n") == b"5\r\n00004\r\n0\r\n\r\n"
        assert (await proxy.exchange()).outcome is Outcome.OK


async def test_a_real_servers_early_answer_is_passed_on(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        script = b'X-Script: {"early": true, "status": 413}'
        answer = await client.ask(request(FRAMINGS[0], script) + PIECE)
        assert (answer.status, answer.get(b"connection")) == (413, b"close")
        assert not old.requests[0].read.is_set()
        assert proxy.idle == 0
