"""Headers on their way through: what belongs to one hop stays there, everything else passes."""

from __future__ import annotations

import pytest

from tests.doubles.message import Message
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, get
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire
from tests.proxy.routes import route

HOP = {
    b"Connection": b"X-Private, keep-alive",
    b"Keep-Alive": b"timeout=5",
    b"Proxy-Authenticate": b"Basic",
    b"Proxy-Authorization": b"Basic sk-CANARY-proxy",
    b"Proxy-Connection": b"keep-alive",
    b"TE": b"trailers",
    b"Trailer": b"X-Sum",
    b"X-Private": b"nominated",
}
ROUTED = ("x-crossfade-arm", "x-crossfade-version", "x-crossfade-id")


def lines(headers: dict[bytes, bytes]) -> list[bytes]:
    return [name + b": " + value for name, value in headers.items()]


def names(headers: tuple[tuple[bytes, bytes], ...]) -> set[bytes]:
    return {name.lower() for name, _ in headers}


# 38: towards the upstream
async def test_hop_by_hop_headers_of_a_request_go_no_further(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(get(b"/v1/models", *lines(HOP), b"X-Public: 1"))
        assert answer.status == 200
        sent = names(old.requests[0].headers)
        assert sent.isdisjoint({name.lower() for name in HOP})
        assert b"x-public" in sent


# 38: towards the client
async def test_hop_by_hop_headers_of_an_answer_go_no_further() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 200 OK\r\n")
        await wire.send(*[line + b"\r\n" for line in lines(HOP | {b"Upgrade": b"h2c"})])
        await wire.send(b"X-Public: 1\r\nContent-Length: 0\r\n\r\n")
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        got = names((await client.ask(get())).headers)
        assert got.isdisjoint({name.lower() for name in HOP} | {b"upgrade"})
        assert not any(b"masked" in name for name in got)
        assert b"x-public" in got


# 38: framing is each hop's own, so nobody may nominate it away
@pytest.mark.parametrize("nominated", [b"Content-Length", b"Host", b"Transfer-Encoding"])
async def test_nominating_framing_changes_no_framing(old: Server, nominated: bytes) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for stream in (False, True):
            answer = await client.ask(chat(b"Connection: " + nominated, stream=stream))
            assert (answer.status, answer.complete) == (200, True)
            assert old.requests[-1].header("host") == f"127.0.0.1:{old.port}"


async def test_an_answer_that_nominates_its_framing_is_framed_all_the_same() -> None:
    async def act(wire: Wire) -> None:
        while await wire.more():
            await wire.read_message()
            head = b"HTTP/1.1 200 OK\r\nConnection: content-length, x-a\r\nX-A: 1\r\n"
            await wire.send(head + b"Content-Length: 2\r\n\r\nhi")

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        for _ in range(2):
            answer = await client.ask(get())
            assert (answer.body, answer.complete) == (b"hi", True)
            assert answer.get(b"x-a") is None


async def test_everything_else_passes_as_it_was_sent(old: Server) -> None:
    odd = [b"X-ODD:   spaced  value", b"x-two: 1", b"X-Two: 2", b"User-Agent: a/1 (b)", b"Accept:"]
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(chat(*odd))
        sent = [pair for pair in old.requests[0].headers if pair[0].lower() != b"host"]
        assert sent[:5] == [
            (b"X-ODD", b"spaced  value"),
            (b"x-two", b"1"),
            (b"X-Two", b"2"),
            (b"User-Agent", b"a/1 (b)"),
            (b"Accept", b""),
        ]


async def test_an_answers_headers_pass_in_their_order() -> None:
    sent = b"Set-Cookie: a=1\r\nx-Odd:  v \r\nSet-Cookie: b=2\r\nDate: never\r\nServer: x\r\n"

    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 299 Quite Odd\r\n" + sent + b"Content-Length: 0\r\n\r\n")
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(get())
        assert answer.start == (b"HTTP/1.1", b"299", b"Quite Odd")
        assert answer.headers[:5] == (
            (b"Set-Cookie", b"a=1"),
            (b"x-Odd", b"v"),
            (b"Set-Cookie", b"b=2"),
            (b"Date", b"never"),
            (b"Server", b"x"),
        )


async def test_crossfades_own_request_headers_go_no_further(old: Server) -> None:
    own = (b"X-Crossfade-Key: jane", b"x-crossfade-arm: candidate", b"X-CROSSFADE-Anything: 1")
    async with running(toward(old), routes=(route(),)) as proxy, proxy.client() as client:
        await client.ask(chat(*own))
        assert not any(b"crossfade" in name for name in names(old.requests[0].headers))


async def test_nobody_else_may_speak_for_crossfade() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        own = b"x-crossfade-arm: candidate\r\nX-Crossfade-Id: evil\r\n"
        await wire.send(b"HTTP/1.1 200 OK\r\n" + own + b"Content-Length: 0\r\n\r\n")
        await wire.closed()

    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(get())
        assert answer.get(b"x-crossfade-arm") is None
        assert answer.get(b"x-crossfade-id") != b"evil"


async def test_an_answer_says_how_it_was_routed(old: Server) -> None:
    async with running(toward(old), routes=(route(),)) as proxy, proxy.client() as client:
        matched, unmatched = await client.ask(chat()), await client.ask(chat(model="other"))
        assert own(matched)[:2] == [b"baseline", b"7"]
        assert own(unmatched)[:2] == [None, b"7"]
        ids = [own(matched)[2], own(unmatched)[2]]
        assert [exchange.id for exchange in proxy.exchanges] == ids
        assert all(found is not None and len(found) == 32 for found in ids)


def own(answer: Message) -> list[bytes | None]:
    return [answer.get(name.encode()) for name in ROUTED]


async def test_where_a_request_came_from_is_nobodys_business(old: Server) -> None:
    told = [b"Forwarded: for=1.2.3.4", b"X-Real-IP: 1.2.3.4", b"X-Forwarded-For: 1.2.3.4"]
    told += [b"traceparent: 00-%b-%b-01" % (b"a" * 32, b"b" * 16), b"baggage: user=jane"]
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(get(b"/v1/models", *told))
        assert b"1.2.3.4" not in old.connections[0].received.bytes
        assert names(old.requests[0].headers).isdisjoint({b"traceparent", b"baggage"})
