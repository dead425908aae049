"""Bodies on their way up: framed anew where they must be, the same bytes in any case."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from proxy.exchange import Outcome
from proxy.policy import MIB, Limits
from tests.doubles.message import Message
from tests.doubles.plane import Running, running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, chunked, get, prompt, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire
from tests.proxy.routes import route

BOUND = 256 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
TRAILERS = b"Host: evil\r\nAuthorization: Bearer sk-CANARY-trailer\r\nX-Sum: 1\r\n"


# 36, 37: what is merged nowhere is passed nowhere
async def test_trailers_and_chunk_extensions_go_no_further() -> None:
    async def act(wire: Wire) -> None:
        asked.append(await wire.read_message())
        await wire.send(EMPTY)
        await wire.closed()

    asked: list[Message] = []
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        sent = chunked([b"abc", b"de"], trailers=TRAILERS, extension=b';x="y z"')
        assert (await client.ask(sent)).status == 200
    (request_seen,) = asked
    assert (request_seen.body, request_seen.trailers) == (b"abcde", b"")
    assert b"CANARY" not in request_seen.raw
    assert b";" not in request_seen.raw
    assert request_seen.all(b"host") == [b"127.0.0.1:%d" % upstream.port]


# 36: trailers that would reframe are refused, and so is the whole request
@pytest.mark.parametrize("trailer", [b"Content-Length: 5\r\n", b"transfer-encoding: chunked\r\n"])
async def test_a_trailer_that_frames_is_refused(old: Server, trailer: bytes) -> None:
    async with running(toward(old), routes=(route(),)) as proxy, proxy.client() as client:
        sent = chunked([prompt()], trailers=trailer)
        assert (await client.ask(sent + get(b"/smuggled"))).status == 400
        assert await client.rest() == b""
    assert old.requests == []


async def test_a_trailer_that_frames_cuts_an_upload_that_has_begun(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        whole = chunked([prompt()], trailers=b"Content-Length: 5\r\n")
        await client.send(whole[: -len(b"0\r\nContent-Length: 5\r\n\r\n")])
        received = await old.arrived.get()
        assert (await client.ask(b"0\r\nContent-Length: 5\r\n\r\n")).status == 400
        await received.connection.ended.wait()
        assert not received.read.is_set()
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_ERROR


@pytest.mark.parametrize("sizes", [(), (1,) * 400, (57, 1, 1), (200, 1, 2, 3)])
@pytest.mark.parametrize("routed", [True, False])
async def test_any_cut_of_a_chunked_body_arrives_whole(
    old: Server, sizes: tuple[int, ...], routed: bool
) -> None:
    routes = (route(),) if routed else ()
    async with running(toward(old), routes=routes) as proxy, proxy.client() as client:
        body = prompt(note="x" * 200)
        await client.send_split(chunked([body[:50], body[50:51], body[51:]]), sizes)
        assert (await client.read_message()).status == 200
        assert old.requests[0].body.bytes == body
        framed = "content-length" if routed else "transfer-encoding"
        assert old.requests[0].header(framed) is not None


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH", b"DELETE", b"GET", b"OPTIONS"])
async def test_every_method_passes_with_its_body(old: Server, method: bytes) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for body in (b"", b"x"):
            sent = request(method=method, target=b"/v1/odd", body=body)
            assert (await client.ask(sent)).status == 200
            assert old.requests[-1].method == method.decode()
            assert old.requests[-1].body.bytes == body


# 39
async def test_an_expectation_is_met_and_goes_no_further(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for _ in range(2):
            head, body = chat(b"Expect: 100-continue").split(b"\r\n\r\n")
            await client.send(head + b"\r\n\r\n")
            assert await client.until(b"\r\n\r\n") == CONTINUE
            assert (await client.ask(body)).status == 200
            assert old.requests[-1].header("expect") is None
            assert old.requests[-1].body.bytes == body


async def test_a_body_that_is_too_large_is_refused_before_it_is_sent(old: Server) -> None:
    async with (
        running(toward(old), limits=Limits(max_body=1000)) as proxy,
        proxy.client() as client,
    ):
        sent = request(b"Content-Length: 1001", b"Expect: 100-continue")
        answer = await client.ask(sent)
        assert (answer.status, answer.start[0]) == (413, b"HTTP/1.1")
        assert await client.rest() == b""
    assert old.requests == []


async def test_an_unknown_expectation_is_refused(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        assert (await client.ask(chat(b"Expect: foo"))).status == 417
        assert await client.rest() == b""
    assert old.requests == []


async def test_a_client_that_leaves_while_it_is_expected_spoils_no_connection(old: Server) -> None:
    async with running(toward(old)) as proxy:
        async with proxy.client() as client:
            await client.send(request(b"Content-Length: 10", b"Expect: 100-continue"))
            await client.until(CONTINUE)
            await old.arrived.get()
        await old.disconnects.get()
        async with proxy.client() as client:
            assert (await client.ask(chat())).status == 200
        assert proxy.idle == 1


async def test_an_http_1_0_client_is_never_asked_to_go_on(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        head, body = chat(b"Expect: 100-continue", version=b"1.0").split(b"\r\n\r\n")
        await client.send(head + b"\r\n\r\n")
        await proxy.until(lambda: proxy.plane.active == 1)
        assert (await client.ask(body)).status == 200
        assert not client.received.startswith(CONTINUE)


async def until_sent(proxy: Running, sending: asyncio.Future[None]) -> None:
    """Returns once it is; meanwhile never more than the bound is held."""

    def sent() -> bool:
        assert proxy.held_bytes <= BOUND
        return sending.done()

    await proxy.until(sent)


# 21, 1: an upload is held back by a slow upstream, and by nothing that crossfade keeps
async def test_an_upload_is_held_back_by_an_upstream_that_does_not_read() -> None:
    async def act(wire: Wire) -> None:
        wire.pause()
        await go.wait()
        wire.resume()
        seen.append(await wire.read_message())
        await wire.send(EMPTY)
        await wire.closed()

    go = asyncio.Event()
    seen: list[Message] = []
    body = bytes(range(256)) * (32 * 4096)
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        sending = asyncio.ensure_future(client.send(request(b"X-Big: 1", body=body)))
        wire = await upstream.arrived.get()
        await proxy.until(lambda: not client.writable and proxy.held_bytes > 0)
        assert proxy.held_bytes <= BOUND
        go.set()
        await until_sent(proxy, sending)
        assert (await client.read_message()).status == 200
        assert wire._tape.length > len(body)
        assert seen[0].body == body


async def test_the_largest_body_streams_through_unread() -> None:
    async def act(wire: Wire) -> None:
        head = await wire.read_head()
        digest, left = hashlib.sha256(), head.length or 0
        while left:
            piece = await wire.read()
            digest.update(piece)
            left -= len(piece)
        digests.append(digest.digest())
        await wire.send(EMPTY)
        await wire.closed()

    digests: list[bytes] = []
    body = b'{"model":"gpt-4o","x":"' + b"x" * (64 * MIB - 25) + b'"}'
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        sending = asyncio.ensure_future(client.send(request(body=body)))
        await until_sent(proxy, sending)
        assert (await client.read_message()).status == 200
        assert digests == [hashlib.sha256(body).digest()]
        assert proxy.ledger.unread_bodies == 1
        assert (await proxy.exchange()).migration == "none"


async def test_a_chunked_body_beyond_what_is_parsed_passes_unread(old: Server) -> None:
    body = b'{"model":"gpt-4o","x":"' + b"x" * 3000 + b'"}'
    limits = Limits(max_parse=1000)
    async with running(toward(old), routes=(route(),), limits=limits) as proxy:
        async with proxy.client() as client:
            assert (await client.ask(chunked([body[:900], body[900:]]))).status == 200
        assert old.requests[0].body.bytes == body
        assert (proxy.ledger.unread_bodies, proxy.worker.buffered) == (1, 0)


async def test_bodies_beyond_what_all_may_hold_are_refused(old: Server) -> None:
    limits = Limits(max_buffered=1000)
    async with (
        running(toward(old), routes=(route(),), limits=limits) as proxy,
        proxy.client() as first,
        proxy.client() as second,
    ):
        body = prompt(note="x" * 700)
        await first.send(request(body=body)[:-1])
        await proxy.until(lambda: proxy.worker.buffered > 0)
        answer = await second.ask(request(body=body)[:-1])
        assert (answer.status, answer.get(b"retry-after")) == (503, b"1")
        assert (await first.ask(body[-1:])).status == 200
