"""A streamed answer reaches its client byte for byte, however it is cut; so does everything odd."""

from __future__ import annotations

import asyncio
import gzip
import random
import zlib

import brotli
import pytest
import zstandard

from proxy.exchange import Outcome, Usage, UsageState
from tests.doubles.faults import FaultProxy, Slicer
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire
from tests.proxy.routes import route
from tests.wire.calls import CALLS, Spoken

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
WORDS = ("traffic", "naïve", "日本", "🚦", "", " ", "\\u00e9", "data: ", "[DONE]", "\ufeff")
ENDS = (b"\n", b"\r\n", b"\r")
SAID = '{"choices":[{"index":0,"delta":{"content":"..."}}]}'
EXTRA = '{"id":"x","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":%d}}'


class Tape:
    """What an upstream is to send next, and what it was asked."""

    def __init__(self) -> None:
        self.next: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self.asked: list[bytes] = []

    async def play(self, wire: Wire) -> None:
        while await wire.more():
            self.asked.append((await wire.read_message()).body)
            await wire.send(*self.next.get_nowait())


def event(draw: random.Random, text: str, *, name: str = "data") -> bytes:
    """One event, spelled in any way that the grammar allows."""
    end = draw.choice(ENDS)
    lines = [b": comment" if draw.random() < 0.1 else b"", b"id: 7" if draw.random() < 0.1 else b""]
    lines.append(f"{name}:{draw.choice(('', ' '))}{text}".encode())
    return b"".join(line + end for line in lines if line) + end


def stream(draw: random.Random, *, usage: int | None = None) -> list[bytes]:
    """The events of a chat stream; its extra usage event has `usage` tokens of output."""
    chunks = [
        event(draw, SAID.replace("...", draw.choice(WORDS))) for _ in range(draw.randrange(8))
    ]
    chunks.append(event(draw, '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'))
    if usage is not None:
        chunks.append(event(draw, EXTRA % usage))
    chunks.append(event(draw, "[DONE]"))
    return chunks


def framed(draw: random.Random, body: bytes) -> bytes:
    """The body as chunks of any sizes, in any spelling without extensions."""
    out, at = [], 0
    while at < len(body):
        size = draw.choice((1, 2, 3, 17, 300, len(body)))
        piece = body[at : at + size]
        spelled = draw.choice((b"%x", b"%X", b"0%x")) % len(piece)
        out.append(spelled + b"\r\n" + piece + b"\r\n")
        at += size
    return b"".join(out) + b"0\r\n\r\n"


def cut(draw: random.Random, text: bytes) -> list[bytes]:
    """The same bytes in pieces."""
    if draw.random() < 0.1:
        return [text[at : at + 1] for at in range(len(text))]
    places = sorted(draw.choices(range(len(text) + 1), k=draw.randrange(9)))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True) if a < b]


# 10, 11: any chunking of any stream
@pytest.mark.parametrize("seed", range(4))
async def test_any_chunking_of_a_stream_passes_byte_for_byte(seed: int) -> None:
    draw, tape = random.Random(seed), Tape()
    async with (
        RawUpstream(tape.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        for _ in range(150):
            body = b"".join(stream(draw))
            wire = framed(draw, body)
            tape.next.put_nowait(cut(draw, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + wire))
            answer = await client.ask(chat(stream=True))
            assert (answer.raw_body, answer.body) == (wire, body)
            assert (await proxy.exchange()).outcome is Outcome.OK
        assert len(upstream.wires) == 1


# 10, 13: only the event that crossfade asked for is missing, and its usage is counted
@pytest.mark.parametrize("seed", range(4))
async def test_an_injected_usage_event_alone_is_missing_from_any_chunking(seed: int) -> None:
    draw, tape = random.Random(seed), Tape()
    async with (
        RawUpstream(tape.play) as upstream,
        running(toward(upstream, inject_usage=True), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        for number in range(150):
            events = stream(draw, usage=number)
            wire = framed(draw, b"".join(events))
            tape.next.put_nowait(cut(draw, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + wire))
            answer = await client.ask(chat(stream=True))
            assert answer.body == b"".join(events[:-2] + events[-1:])
            exchange = await proxy.exchange()
            assert exchange.usage == Usage(input=11, output=number)
            assert exchange.usage_state is UsageState.FINAL
        assert all(b'"stream_options":{"include_usage":true}' in body for body in tape.asked)


async def test_a_client_that_asked_for_usage_gets_it(old: Server) -> None:
    async with (
        running(toward(old, inject_usage=True), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        body = b'{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}}'
        answer = await client.ask(chat(body=body))
        received = old.requests[0]
        assert answer.body == received.answer.body.bytes == b"".join(received.answer.events)
        assert received.body.bytes == body
        assert answer.body.count(b'"choices":[]') == 1


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_usage_is_injected_for_any_client(old: Server, version: bytes) -> None:
    async with (
        running(toward(old, inject_usage=True), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True, version=version))
        events = old.requests[0].answer.events
        assert answer.body == b"".join(events[:-2] + events[-1:])
        assert old.requests[0].header("accept-encoding") == "identity"
        assert (await proxy.exchange()).usage_state is UsageState.FINAL


# 10: one byte at a time over the wire
@pytest.mark.parametrize("spoken", CALLS, ids=str)
async def test_a_stream_sent_byte_by_byte_passes_and_is_read(old: Server, spoken: Spoken) -> None:
    async with (
        FaultProxy(old.port, down=[Slicer(size=1)]) as faults,
        running(toward(faults, dialect=spoken.dialect)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(spoken.ask(stream=True, events=3))
        received = old.requests[0]
        assert answer.raw_body == received.answer_wire.partition(b"\r\n\r\n")[2]
        assert (await proxy.exchange()).outcome is Outcome.OK


# 11: every line end, comments, all at once
@pytest.mark.parametrize("spoken", CALLS, ids=str)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_streams_pass_as_sent_in_every_dialect(
    old: Server, spoken: Spoken, line_end: str
) -> None:
    async with running(toward(old, dialect=spoken.dialect)) as proxy, proxy.client() as client:
        for joined in (False, True):
            ask = spoken.ask(stream=True, line_end=line_end, comments=True, joined=joined)
            answer = await client.ask(ask)
            received = old.requests[-1]
            await received.done.wait()
            assert answer.raw_body == received.answer_wire.partition(b"\r\n\r\n")[2]
            assert (await proxy.exchange()).outcome is Outcome.OK


# 12: one event of megabytes passes; only its metering may give up
@pytest.mark.parametrize("megabytes", [1, 9])
async def test_an_event_of_megabytes_passes(old: Server, megabytes: int) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(chat(stream=True, events=1, size=megabytes * 1_000_000))
        assert answer.body == old.requests[0].answer.body.bytes
        assert (await proxy.exchange()).outcome is Outcome.OK


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "rot13"])
@pytest.mark.parametrize("stream", [True, False])
# 17: compressed answers pass untouched, and a copy is metered
async def test_compressed_answers_pass_untouched(old: Server, coding: str, stream: bool) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(chat(b"Accept-Encoding: x", stream=stream, encoding=coding))
        assert answer.body == old.requests[0].answer.body.bytes
        assert answer.get(b"content-encoding") == coding.encode()
        assert old.requests[0].header("accept-encoding") == "x"
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.OK
        final = exchange.usage_state is UsageState.FINAL
        assert final is (not stream and coding != "rot13")


async def test_no_coding_is_asked_for_that_the_client_did_not_ask_for(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(chat())
        assert old.requests[0].header("accept-encoding") is None


def bomb(coding: str) -> bytes:
    zeros = bytes(50_000_000)
    match coding:
        case "gzip":
            return gzip.compress(zeros) * 2  # concatenated members
        case "deflate":
            return zlib.compress(zeros)
        case "br":
            return brotli.compress(zeros, quality=1)
        case _:
            return zstandard.compress(zeros)


# 18: the proxy path inflates nothing, and the meter's copy stops at its cap
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_a_decompression_bomb_passes_as_the_bytes_it_is(coding: str) -> None:
    tape, body = Tape(), bomb(coding)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    head += b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(body))
    tape.next.put_nowait([head + body])
    async with (
        RawUpstream(tape.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).body == body
        exchange = await proxy.exchange()
        assert exchange.outcome is Outcome.OK
        assert exchange.usage_state is not UsageState.FINAL


async def test_a_compressed_request_passes_as_the_bytes_it_is(old: Server) -> None:
    body = gzip.compress(bytes(20_000_000))
    async with (
        running(toward(old), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat(b"Content-Encoding: gzip", body=body))).status == 200
        assert old.requests[0].body.bytes == body
        assert old.requests[0].header("content-encoding") == "gzip"
        assert proxy.ledger.unread_bodies == 1
        assert (await proxy.exchange()).migration == "none"


# 13: usage where, and as often as, providers send it
@pytest.mark.parametrize(
    ("tail", "usage"),
    [
        ([EXTRA % 5, "[DONE]"], Usage(input=11, output=5)),
        (["[DONE]", EXTRA % 5], Usage(input=11, output=5)),
        ([EXTRA % 3, EXTRA % 5, "[DONE]"], Usage(input=11, output=5)),
        ([EXTRA % 0, "[DONE]"], Usage(input=11, output=0)),
    ],
)
async def test_usage_is_found_wherever_it_stands(tail: list[str], usage: Usage) -> None:
    tape = Tape()
    said = '{"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}'
    body = b"".join(b"data: %b\n\n" % text.encode() for text in (said, *tail))
    tape.next.put_nowait([HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body])
    async with (
        RawUpstream(tape.play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat(stream=True))).body == body
        exchange = await proxy.exchange()
        assert (exchange.usage, exchange.usage_state) == (usage, UsageState.FINAL)
