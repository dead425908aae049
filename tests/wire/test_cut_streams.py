"""A cut answer is never a clean end: for chunked, sized and HTTP/1.0 clients, whoever cuts it."""

from __future__ import annotations

import asyncio

import pytest

from proxy.exchange import Outcome
from proxy.policy import Limits
from tests.doubles.faults import FaultProxy, ResetPeer
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended, Wire
from tests.wire.calls import CALLS, Spoken

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(payload: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(payload), payload)


# 7, 8: FIN and RST by the upstream, at a boundary between events
@pytest.mark.parametrize("cut", ["fin", "rst"])
@pytest.mark.parametrize("spoken", CALLS, ids=str)
async def test_a_stream_cut_between_events_ends_with_an_error_event_and_abruptly(
    old: Server, spoken: Spoken, cut: str
) -> None:
    async with (
        running(toward(old, dialect=spoken.dialect)) as proxy,
        proxy.client() as client,
    ):
        whole = await client.ask(spoken.ask(stream=True, events=4))
        first = sum(map(len, old.requests[0].answer.events[:3]))
        answer = await client.ask(spoken.ask(stream=True, events=4, cut_after_bytes=first, cut=cut))
        assert whole.complete
        assert not answer.complete  # no final chunk
        assert await client.closed()
        sent = old.requests[1].answer.body.bytes
        assert answer.body.startswith(sent)
        assert spoken.error_code(answer.body.removeprefix(sent)) == "upstream_truncated"
        assert (await proxy.exchange()).outcome is Outcome.OK
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.UPSTREAM_TRUNCATED
        assert exchange.status == 200
    assert len(proxy.exchanges) == 2


@pytest.mark.parametrize("cut", ["fin", "rst"])
async def test_a_stream_cut_inside_an_event_gets_no_event_of_ours(old: Server, cut: str) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(chat(stream=True, cut_after_bytes=333, cut=cut))
        assert not answer.complete
        assert answer.body == old.requests[0].answer.body.bytes
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


@pytest.mark.parametrize("cut", ["fin", "rst"])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_cut_sized_answer_stays_short(old: Server, cut: str, version: bytes) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(chat(version=version, cut_after_bytes=100, cut=cut))
        assert answer.length is not None
        assert answer.length > 100
        assert not answer.complete
        assert answer.body == old.requests[0].answer.body.bytes
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


# 41, 7: where only the end of the connection ends an answer, a cut must be a reset
@pytest.mark.parametrize("cut", ["fin", "rst"])
@pytest.mark.parametrize("after", [333, 500])
async def test_a_cut_stream_is_a_reset_for_an_http_1_0_client(
    old: Server, cut: str, after: int
) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(chat(stream=True, version=b"1.0", cut_after_bytes=after, cut=cut))
        assert client.ended is Ended.RST
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


async def test_a_whole_stream_is_an_end_for_an_http_1_0_client(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(chat(stream=True, version=b"1.0"))
        assert (client.ended, answer.complete) == (Ended.FIN, True)
        assert answer.body == b"".join(old.requests[0].answer.events)


# 8
async def test_a_reset_on_the_way_is_a_cut_too(old: Server) -> None:
    async with (
        FaultProxy(old.port, down=[ResetPeer(after_bytes=700)]) as faults,
        running(toward(faults)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True, events=20))
        assert not answer.complete
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


# 7: inside a chunk no framing of ours may stand
async def test_a_stream_cut_inside_a_chunk_stays_inside_it() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(CHUNKED + chunk(EVENT) + b"ffff\r\n" + EVENT)

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True))
        assert answer.raw_body == chunk(EVENT) + b"ffff\r\n" + EVENT
        assert not answer.complete


# 7, 43: nonsense in the middle is a cut
@pytest.mark.parametrize("nonsense", [b"zz\r\n", b"-1\r\n", b"5\r\nhello!!", b"0\r\nX: \0\r\n\r\n"])
async def test_a_stream_that_turns_to_nonsense_is_cut(nonsense: bytes) -> None:
    seen = asyncio.Event()

    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(CHUNKED + chunk(EVENT))
        await seen.wait()
        await wire.send(nonsense)
        assert await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.send(chat(stream=True))
        assert (await client.until(EVENT)).startswith(b"HTTP/1.1 200 OK\r\n")
        seen.set()
        assert not (await client.rest()).endswith(b"0\r\n\r\n")
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


# 9: what has come is forwarded, and only the stillness after it ends the stream
async def test_half_an_event_is_forwarded_before_its_stream_stands_still() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(CHUNKED + chunk(b'data: {"half'))
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream), limits=Limits(stream_idle_timeout=300)) as proxy,
        proxy.client() as client,
    ):
        await client.send(chat(stream=True))
        await client.until(b'data: {"half')
        proxy.advance(299)
        assert proxy.plane.active == 1
        proxy.advance(1)
        assert await client.rest() == b"\r\n"
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TIMEOUT
        assert await upstream.wires[0].closed()


async def test_a_stream_that_stands_still_between_events_ends_with_an_error_event(
    old: Server,
) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=True, hold_after=3))
        received = await old.arrived.get()
        await received.held.wait()
        await proxy.until(lambda: received.answer.events[2] in client.received)
        proxy.advance(300)
        rest = await client.rest()
        assert b'"code":"stream_idle_timeout"' in rest
        assert not rest.endswith(b"0\r\n\r\n")
        assert await old.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TIMEOUT


# 15: a stream without an end meets its total deadline, though it never stands still
async def test_an_endless_stream_is_cut_at_its_total_time() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(CHUNKED)
        while True:
            await wire.send(chunk(EVENT))

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream), limits=Limits(stream_idle_timeout=3000)) as proxy,
        proxy.client() as client,
    ):
        await client.send(chat(stream=True))
        await client.until(EVENT)
        proxy.advance(1799)
        await client.until(EVENT)
        assert proxy.plane.active == 1
        proxy.advance(1)
        assert not (await client.rest()).endswith(b"0\r\n\r\n")
        assert await upstream.wires[0].closed()
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.UPSTREAM_TIMEOUT
        assert exchange.total_us >= 1_800_000_000


# 14: a failure that the status does not tell
@pytest.mark.parametrize("spoken", CALLS, ids=str)
async def test_an_error_event_inside_a_200_counts_as_the_upstreams_error(
    old: Server, spoken: Spoken
) -> None:
    async with running(toward(old, dialect=spoken.dialect)) as proxy, proxy.client() as client:
        answer = await client.ask(spoken.ask(stream=True, error_event=True))
        assert answer.complete
        assert answer.body == old.requests[0].answer.body.bytes
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_ERROR


# 14b: HTTP ended well and the stream did not; only the meter can tell
@pytest.mark.parametrize("spoken", CALLS, ids=str)
async def test_a_stream_without_its_terminal_event_counts_as_truncated(
    old: Server, spoken: Spoken
) -> None:
    async with running(toward(old, dialect=spoken.dialect)) as proxy, proxy.client() as client:
        answer = await client.ask(spoken.ask(stream=True, no_done=True, no_finish=True))
        assert answer.complete
        assert answer.body == old.requests[0].answer.body.bytes
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


# 7: an upstream that ends its answer by closing cannot say that it was cut; the meter can
async def test_a_stream_until_close_without_its_end_counts_as_truncated() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(STREAM + b"\r\n" + EVENT)

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True))
        assert (answer.body, answer.complete) == (EVENT, True)
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED
