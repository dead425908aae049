"""tests/doubles/raw.py, wire.py, message.py: exact bytes out and in, FIN and RST told apart."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from tests.doubles.message import head_of
from tests.doubles.raw import RawUpstream, connected
from tests.doubles.wire import Ended, Wire

GET = b"GET /x HTTP/1.1\r\nHost: d\r\n\r\n"


async def test_exact_bytes_go_both_ways() -> None:
    async def act(wire: Wire) -> None:
        request = await wire.read_message()
        assert request.raw == GET
        assert (request.method, request.target) == (b"GET", b"/x")
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-", b"Length: 2\r\n\r\nh", b"i")

    async with RawUpstream(act) as upstream, connected(upstream.port) as client:
        answer = await client.ask(GET)
        assert (answer.status, answer.body, answer.complete) == (200, b"hi", True)
        assert await client.closed() == Ended.FIN


async def test_chunks_and_trailers_are_kept_apart() -> None:
    body = b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"

    async def act(wire: Wire) -> None:
        await wire.read_message()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        await wire.send_split(head + body, sizes=(7, 20))
        await wire.closed()

    async with RawUpstream(act) as upstream, connected(upstream.port) as client:
        answer = await client.ask(GET)
    assert (answer.chunks, answer.body) == ((b"abc", b"de"), b"abcde")
    assert (answer.trailers, answer.raw_body) == (b"X-T: 1\r\n", body)
    assert answer.complete


@pytest.mark.parametrize(
    "cut",
    [b"Content-Length: 9\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhi"],
)
async def test_a_cut_body_is_not_complete(cut: bytes) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 200 OK\r\n" + cut)

    async with RawUpstream(act) as upstream, connected(upstream.port) as client:
        answer = await client.ask(GET)
    assert (answer.body, answer.complete) == (b"hi", False)


async def test_a_reset_is_told_from_an_end() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 200 OK\r\n\r\npart")
        wire.reset()

    async with RawUpstream(act) as upstream, connected(upstream.port) as client:
        answer = await client.ask(GET)
        assert (answer.body, answer.complete) == (b"part", False)
        assert client.ended == Ended.RST


async def test_a_client_may_close_its_half_and_read_on() -> None:
    async def act(wire: Wire) -> None:
        assert await wire.rest() == b"all of it"
        await wire.send(b"and an answer")

    async with RawUpstream(act) as upstream, connected(upstream.port) as client:
        await client.send(b"all of it")
        client.half_close()
        assert await client.rest() == b"and an answer"


async def test_the_upstream_sees_a_client_reset() -> None:
    async with RawUpstream(_read_until_closed) as upstream:
        async with connected(upstream.port) as client:
            await client.send(b"x")
            wire = await upstream.arrived.get()
            client.reset()
        assert await wire.closed() == Ended.RST


async def test_a_script_that_was_not_followed_fails_on_exit() -> None:
    async def act(wire: Wire) -> None:
        assert await wire.read() == b"what was never sent"

    async def ask() -> None:
        async with RawUpstream(act) as upstream, connected(upstream.port) as client:
            await client.send(b"something else")
            await client.closed()

    with pytest.raises(ExceptionGroup) as caught:
        await ask()
    assert isinstance(caught.value.exceptions[0], AssertionError)


async def test_leaving_ends_connections_that_hang() -> None:
    async with RawUpstream(_read_until_closed) as upstream, connected(upstream.port) as client:
        await client.send(b"x")
        await upstream.arrived.get()
        await upstream.__aexit__(None, None, None)
        assert await client.closed() == Ended.RST


def test_an_interim_answer_has_no_body() -> None:
    assert head_of(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").bodiless
    with pytest.raises(ValueError, match="not a header"):
        head_of(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n")


async def _read_until_closed(wire: Wire) -> None:
    await wire.closed()


def test_a_peer_that_is_gone_need_not_hear_of_an_end() -> None:
    """On asyncio's own loop, which raised: a proxy of faults then failed its test."""

    async def act() -> None:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            _, wire = await loop.create_connection(Wire, *listener.getsockname())
            end, _ = listener.accept()
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()  # a reset that the loop has not heard of
            wire.half_close()
            assert await wire.closed() is Ended.RST
            await wire.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(act())
