"""Answers without a body, before the final one, and of statuses that do not exist."""

from __future__ import annotations

import asyncio

import pytest

from proxy.exchange import Outcome
from tests.doubles.message import Message
from tests.doubles.plane import Running, running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, get, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Canned:
    """Answers each request with the next of these bytes, and stays."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    async def play(self, wire: Wire) -> None:
        while await wire.more():
            await wire.read_message()
            await wire.send(self._answers.pop(0))


async def answers(*canned: bytes, method: bytes = b"GET") -> tuple[list[Message], int]:
    """What a client gets for these answers in turn, and over how many upstream connections."""
    async with (
        RawUpstream(Canned(*canned).play) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        got = []
        for _ in canned:
            await client.send(request(method=method, target=b"/v1/models"))
            got.append(await client.read_message(no_body=method == b"HEAD"))
        return got, len(upstream.wires)


# 19: interim answers are for the hop before
@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
        b"HTTP/1.1 199 Odd\r\nContent-Length: 5\r\n\r\n",
    ],
)
async def test_interim_answers_go_no_further(interim: bytes) -> None:
    got, connections = await answers(interim + OK, OK)
    assert [(one.status, one.body) for one in got] == [(200, b"hi")] * 2
    assert connections == 1


async def test_an_interim_answer_may_come_long_before_the_final_one() -> None:
    async def act(wire: Wire) -> None:
        await wire.read_message()
        await wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 ")
        await go.wait()
        await wire.send(OK.removeprefix(b"HTTP/1.1 "))
        await wire.closed()

    go = asyncio.Event()
    async with (
        RawUpstream(act) as upstream,
        running(toward(upstream)) as proxy,
        proxy.client() as client,
    ):
        await client.send(get())
        await upstream.arrived.get()
        assert proxy.exchanges == []
        go.set()
        assert (await client.read_message()).body == b"hi"


# 19: nobody asked for another protocol
async def test_a_switch_of_protocols_is_a_broken_answer() -> None:
    switch = b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
    got, connections = await answers(switch + OK, OK)
    assert [one.status for one in got] == [502, 200]
    assert connections == 2


# 19: statuses without a body, whatever their headers say
@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize(
    "framing", [b"", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n"]
)
async def test_an_answer_without_a_body_ends_with_its_head(status: bytes, framing: bytes) -> None:
    got, connections = await answers(b"HTTP/1.1 " + status + b"\r\n" + framing + b"\r\n", OK)
    assert [one.status for one in got] == [int(status[:3]), 200]
    assert got[0].get(b"transfer-encoding") is None
    assert connections == 1


async def test_a_304_may_name_the_length_that_a_200_would_have() -> None:
    got, _ = await answers(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", OK)
    assert (got[0].length, got[1].status) == (99, 200)


# 19: its body is no body, its length promises nothing, and its connection is not used again
async def test_a_204_with_a_body_loses_it_and_its_connection() -> None:
    got, connections = await answers(
        b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", OK
    )
    assert [(one.status, one.raw_body) for one in got] == [(204, b""), (200, b"hi")]
    assert got[0].get(b"content-length") is None  # a 204 must not have one
    assert connections == 2


@pytest.mark.parametrize("status", [b"000", b"099", b"600", b"999", b"20", b"2000", b"2x0"])
async def test_a_status_that_does_not_exist_is_a_broken_answer(status: bytes) -> None:
    broken = b"HTTP/1.1 " + status + b" Odd\r\nContent-Length: 0\r\n\r\n"
    got, connections = await answers(broken, OK)
    assert [one.status for one in got] == [502, 200]
    assert connections == 2


@pytest.mark.parametrize("status", [201, 299, 302, 400, 404, 418, 429, 500, 529, 599])
async def test_every_other_status_passes(status: int) -> None:
    canned = b"HTTP/1.1 %d Odd\r\nRetry-After: -7\r\nContent-Length: 2\r\n\r\nhi" % status
    got, connections = await answers(canned, OK)
    assert (got[0].status, got[0].body, got[0].get(b"retry-after")) == (status, b"hi", b"-7")
    assert connections == 1  # an upstream's error is no framing error


async def test_a_redirect_is_passed_on_and_never_followed() -> None:
    canned = b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    got, connections = await answers(canned, method=b"POST")
    assert (got[0].status, got[0].get(b"location")) == (307, b"http://127.0.0.1:1/")
    assert connections == 1


# HEAD: the length of what is not sent, and nothing behind it
async def test_a_head_request_gets_the_length_and_no_body(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        head = request(method=b"HEAD", target=b"/v1/models")
        for _ in range(2):
            answer = await client.ask(head, no_body=True)
            assert answer.length is not None
            assert answer.length > 0
        assert (await client.ask(chat())).status == 200
        assert len(old.connections) == 1


@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked", b"Content-Length: 5", b"X: 1"])
async def test_a_head_requests_answer_ends_with_its_head(framing: bytes) -> None:
    canned = b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n"
    got, connections = await answers(canned, canned, method=b"HEAD")
    assert [one.status for one in got] == [200, 200]
    assert connections == 1


async def test_a_head_requests_answer_with_a_body_spoils_its_connection() -> None:
    got, connections = await answers(*[OK] * 2, method=b"HEAD")
    assert [one.status for one in got] == [200, 200]
    assert connections == 2


async def test_an_unreachable_upstream_answers_a_head_request_without_a_body() -> None:
    async with RawUpstream(Canned().play) as gone:
        pass
    async with running(toward(gone)) as proxy, proxy.client() as client:
        await client.send(request(method=b"HEAD", target=b"/v1/models") + get(b"/v1/x"))
        first = await client.read_message(no_body=True)
        assert (first.status, (await client.read_message()).status) == (502, 502)
        await outcomes_are(proxy, Outcome.UPSTREAM_ERROR, Outcome.UPSTREAM_ERROR)


async def outcomes_are(proxy: Running, *expected: Outcome) -> None:
    assert [exchange.outcome for exchange in proxy.exchanges] == list(expected)
