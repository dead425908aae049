"""Requests behind each other get their answers in order; HTTP/1.0 clients get theirs by close."""

from __future__ import annotations

import json

import pytest

from proxy.http.inbox import MAX_PIPELINED
from tests.doubles.message import Message
from tests.doubles.plane import running, toward
from tests.doubles.requests import chat, chunked, get, prompt, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended


def target(answer: Message) -> str:
    return str(json.loads(answer.body)["target"])


# 40
async def test_three_requests_at_once_are_answered_in_order(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(get(b"/x/1") + get(b"/x/2") + get(b"/x/3"))
        answers = [await client.read_message() for _ in range(3)]
        assert [target(answer) for answer in answers] == ["/x/1", "/x/2", "/x/3"]


async def test_the_answers_to_slow_and_quick_requests_keep_their_order(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(text="slow", hold_head=True) + chat(text="quick"))
        received = await old.arrived.get()
        await received.held.wait()
        assert len(old.requests) == 1
        received.go.set()
        answers = [await client.read_message() for _ in range(2)]
        assert [b'"slow"' in answer.body for answer in answers] == [True, False]


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
async def test_bodies_of_every_framing_may_follow_each_other(old: Server, size: int) -> None:
    sent = [
        chat(text="one"),
        chunked([prompt(note="two"), b" "]),
        get(b"/x/three"),
        request(target=b"/x/four", body=b"4"),
        chat(stream=True),
    ]
    text = b"".join(sent)
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(*[text[at : at + size] for at in range(0, len(text), size)])
        for _ in sent:
            answer = await client.read_message()
            assert (answer.status, answer.complete) == (200, True)
        assert [len(received.body.bytes) > 0 for received in old.requests] == [1, 1, 0, 1, 1]


# 40, CVE-2026-54273: the queue is bounded, and what is answered is in order
async def test_ten_thousand_requests_at_once_are_bounded_and_in_order(old: Server) -> None:
    sent = [get(b"/x/%d" % number) for number in range(10_000)]
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(b"".join(sent))
        text = await client.rest()
        assert proxy.held_bytes <= MAX_PIPELINED
        answered = text.count(b"HTTP/1.1 200 OK\r\n")
        assert MAX_PIPELINED // len(sent[-1]) <= answered < 10_000
        for number in range(answered):
            at = text.index(b'"target":"/x/%d"' % number)
            text = text[at:]
        assert b"HTTP/1.1 200 OK\r\n" not in text


async def test_ten_thousand_requests_one_after_another_are_all_answered(old: Server) -> None:
    """The same number is no trouble for a client that reads its answers."""
    async with running(toward(old)) as proxy, proxy.client() as client:
        for number in range(0, 1000, 10):
            await client.send(b"".join(get(b"/x/%d" % n) for n in range(number, number + 10)))
            for n in range(number, number + 10):
                assert target(await client.read_message()) == f"/x/{n}"
        assert len(proxy.exchanges) == 1000


async def test_an_error_of_crossfades_own_keeps_the_order_and_the_connection(old: Server) -> None:
    gone = b"/u/openai-is-elsewhere/x"
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(get(b"/x/1") + get(gone) + get(b"/x/3"))
        assert (await client.read_message()).status == 200
        refused = await client.read_message()
        assert (refused.status, refused.get(b"connection")) == (404, b"close")
        assert await client.rest() == b""


async def test_a_request_that_asks_to_close_is_the_last_one(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(get(b"/x/1", b"Connection: close") + get(b"/x/2"))
        answer = await client.read_message()
        assert (answer.status, answer.get(b"connection")) == (200, b"close")
        assert (await client.rest(), client.ended) == (b"", Ended.FIN)
    assert len(old.requests) == 1


# 41: no Host is needed, no chunk is sent, and the close is the end
@pytest.mark.parametrize("stream", [True, False])
async def test_an_http_1_0_client_needs_no_host_and_gets_no_chunks(
    old: Server, stream: bool
) -> None:
    body = prompt(stream=stream)
    head = b"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(head + body)
        assert (answer.status, answer.chunked, answer.complete) == (200, False, True)
        assert answer.body == b"".join(old.requests[0].answer.events)
        assert await client.closed() is Ended.FIN


async def test_an_http_1_0_client_may_keep_its_connection_where_lengths_are_known(
    old: Server,
) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for _ in range(3):
            answer = await client.ask(chat(b"Connection: keep-alive", version=b"1.0"))
            assert (answer.get(b"connection"), answer.complete) == (b"keep-alive", True)
        streamed = chat(b"Connection: keep-alive", version=b"1.0", stream=True)
        answer = await client.ask(streamed)
        assert answer.get(b"connection") == b"close"
        assert client.ended is Ended.FIN


async def test_an_http_1_0_upstream_is_heard_and_not_reused(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        for _ in range(2):
            answer = await client.ask(chat(close=True, stream=True))
            assert (answer.chunked, answer.complete) == (True, True)
        assert (proxy.idle, len(old.connections)) == (0, 2)
