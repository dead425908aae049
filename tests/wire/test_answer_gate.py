"""An upstream's answer that could be read two ways is a 502, and its connection is thrown away."""

from __future__ import annotations

import asyncio
import json

import pytest

from proxy.exchange import Outcome
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, get
from tests.doubles.wire import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

ANSWERS = {
    "a length and an encoding": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\nhi",
    "a signed length": b"Content-Length: -2\r\n\r\nhi",
    "an endless length": b"Content-Length: 18446744073709551615\r\n\r\nhi",
    "an unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\nhi",
    "identity after chunked": b"Transfer-Encoding: chunked, identity\r\n\r\nhi",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\nhi",
    "a NUL": b"X: a\0b\r\nContent-Length: 2\r\n\r\nhi",
    "a bare line feed": b"X: a\nY: b\r\nContent-Length: 2\r\n\r\nhi",
    "a bare carriage return": b"X: a\rY: b\r\nContent-Length: 2\r\n\r\nhi",
    "a folded line": b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nhi",
    "a space before the colon": b"X : a\r\nContent-Length: 2\r\n\r\nhi",
    "an empty name": b": a\r\nContent-Length: 2\r\n\r\nhi",
    "a bad chunk size": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a header beyond the bound": b"X: %b\r\nContent-Length: 2\r\n\r\nhi" % (b"a" * 1_000_000),
    "a header without an end": b"X: %b" % (b"a" * 100_000),
}
FIRST = {
    "another protocol": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "an encoding on HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no status line": b"hello there\r\n\r\n",
    "an empty line first": b"\r\n" + OK,
    "a request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x28\r\n\r\n",
}
BROKEN = {name: b"HTTP/1.1 200 OK\r\n" + rest for name, rest in ANSWERS.items()} | FIRST


# 43
@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("bytewise", [True, False])
async def test_an_ambiguous_answer_is_a_502_and_its_connection_is_gone(
    case: str, bytewise: bool
) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        if len(upstream.wires) > 1:
            await wire.send(OK)
        elif bytewise and len(BROKEN[case]) < 1000:
            await wire.send_split(BROKEN[case])
        else:
            await wire.send(BROKEN[case])
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat())
        assert answer.status == 502
        assert json.loads(answer.body)["error"]["code"] == "upstream_malformed"
        assert await upstream.wires[0].closed()
        assert (await client.ask(chat())).body == b"ok"  # the client's own connection is sound
        outcomes = [exchange.outcome for exchange in proxy.exchanges]
        assert outcomes == [Outcome.UPSTREAM_ERROR, Outcome.OK]


# 43: bytes behind an answer poison their connection, and never the next request
@pytest.mark.parametrize("extra", [b"\r\n", b"x", EVIL, b"0\r\n\r\n"])
@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
)
@pytest.mark.parametrize("together", [True, False])
async def test_bytes_behind_an_answer_are_nobodys_answer(
    extra: bytes, answer: bytes, together: bool
) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(*([answer + extra] if together else [answer, extra]))
        assert await wire.closed()

    async with RawUpstream(act) as upstream, running(toward(upstream)) as proxy:
        for number in range(3):
            async with proxy.client() as client:
                got = await client.ask(get(b"/v1/%d" % number))
                assert got.body in (b"ok", b"")
                assert got.status in (200, 204)
            await upstream.wires[number].gone.wait()
        assert proxy.idle == 0
        assert len(upstream.wires) == 3


async def test_an_answer_that_nobody_asked_for_ends_an_idle_connection() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(OK)
        if len(upstream.wires) == 1:
            await idle.wait()
            await wire.send(EVIL)
        await wire.closed()

    idle = asyncio.Event()
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).body == b"ok"
        assert proxy.idle == 1
        idle.set()
        await proxy.until(lambda: proxy.idle == 0)
        assert (await client.ask(chat())).body == b"ok"


async def test_an_answer_before_its_request_is_not_its_answer() -> None:
    """An upstream that speaks first is read once the request is there, and must then be sound."""

    async def act(wire: Wire) -> None:
        await wire.send(EVIL)
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat())
        assert answer.status in (200, 502)
        assert (await proxy.exchange()).status in (200, None)


# 43: a close before any answer, and in the middle of its head
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
@pytest.mark.parametrize("reset", [True, False])
async def test_an_upstream_that_closes_without_an_answer_is_a_502(sent: bytes, reset: bool) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(sent)
        if reset:
            wire.reset()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat())
        assert answer.status == 502
        assert json.loads(answer.body)["error"]["code"] == "upstream_closed"
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_ERROR
        assert len(upstream.wires) == 1  # a POST is never sent twice


# 7 of data-plane.md: a good answer, framed in every way
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 2", b"ok"),
        (b"Transfer-Encoding: chunked", b"1;x=y\r\no\r\n01\r\nk\r\n0\r\nX-T: 1\r\n\r\n"),
        (b"Connection: close", b"ok"),
        (b"Content-Length: 2\r\nConnection: close", b"ok"),
    ],
)
async def test_a_sound_answer_reaches_every_client_whole(
    version: bytes, framing: bytes, body: bytes
) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send_split(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + body)

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(version=version))
        assert (answer.body, answer.complete, answer.trailers) == (b"ok", True, b"")
        assert b"x=y" not in answer.raw_body
        assert not (version == b"1.0" and answer.chunked)
