"""Nobody's slowness makes crossfade hold much: 256 KiB a direction at the most, whatever comes."""

from __future__ import annotations

import asyncio

from proxy.exchange import Outcome
from tests.doubles.plane import Running, running, toward
from tests.doubles.raw import RawClient, RawUpstream
from tests.doubles.requests import get
from tests.doubles.wire import Wire

BOUND = 256 * 1024
PIECE = bytes(range(256)) * 256
BIG = 20 * 1024 * 1024
HUGE = 100 * 1024 * 1024


async def serve(wire: Wire) -> None:
    """Answer GET /SIZE with that many bytes, as fast as they are taken."""
    while await wire.more():
        head = await wire.read_head()
        size = int(head.target[1:])
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for start in range(0, size, len(PIECE)):
            await wire.send(PIECE[: size - start])


async def read_until_recorded(proxy: Running, client: RawClient) -> None:
    """Read no faster than needed for the answer to have left the upstream."""
    while not proxy.exchanges:
        assert proxy.held_bytes <= BOUND
        if proxy.full:
            await client.read()
        await asyncio.sleep(0)
    client.pause()


# 1: backpressure reaches the upstream
async def test_a_client_that_never_reads_holds_the_upstream_back() -> None:
    async with (
        RawUpstream(serve) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client(receive_buffer=4096) as client,
    ):
        client.pause()
        await client.send(get(b"/%d" % HUGE))
        wire = await upstream.arrived.get()
        await proxy.until(lambda: proxy.full and not wire.writable)
        assert 0 < proxy.held_bytes <= BOUND
        client.reset()
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED
        assert await wire.closed()


# 16: an answer of 100 MB is never buffered whole
async def test_a_huge_answer_streams_through() -> None:
    async with (
        RawUpstream(serve) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.send(get(b"/%d" % HUGE))
        head = await client.read_head()
        assert head.length == HUGE
        taken = 0
        while taken < HUGE:
            taken += len(await client.read())
            assert proxy.held_bytes <= BOUND
        assert (await proxy.exchange()).outcome is Outcome.OK


async def test_answers_to_pipelined_requests_are_held_back_as_the_first_one_is() -> None:
    async with (
        RawUpstream(serve) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client(receive_buffer=4096) as client,
    ):
        await client.send(get(b"/%d" % BIG) + get(b"/%d" % HUGE))
        await read_until_recorded(proxy, client)
        wire = await upstream.arrived.get()
        await proxy.until(lambda: proxy.full)
        await proxy.until(lambda: not wire.writable or proxy.worker.active == 0)
        assert proxy.held_bytes <= BOUND


async def test_a_connection_whose_last_client_was_slow_serves_the_next_one() -> None:
    async with (
        RawUpstream(serve) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client(receive_buffer=4096) as slow,
        proxy.client() as quick,
    ):
        await slow.send(get(b"/%d" % BIG))
        await proxy.until(lambda: len(proxy.connections) == 2)
        await read_until_recorded(proxy, slow)
        assert (await quick.ask(get(b"/10"))).body == PIECE[:10]
        assert len(upstream.wires) == 1
