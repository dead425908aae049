"""Draining: no more is taken, what runs may finish, what is left is cut as an error, not ended."""

from __future__ import annotations

import asyncio
import json

import pytest

from proxy.exchange import Outcome
from proxy.policy import Limits
from tests.doubles.plane import running, toward
from tests.doubles.raw import connected
from tests.doubles.requests import chat, get
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended
from tests.wire.calls import CALLS, Spoken


async def test_streams_may_finish_and_nothing_new_is_taken(old: Server) -> None:
    async with (
        running(toward(old)) as proxy,
        proxy.client() as busy,
        proxy.client() as idle,
    ):
        await busy.send(chat(stream=True, hold_after=2) + get())
        received = await old.arrived.get()
        await received.held.wait()
        draining = asyncio.ensure_future(proxy.plane.drain(60))
        assert await idle.closed() is Ended.FIN
        assert proxy.plane.draining
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the kernel likes
            async with connected(proxy.port) as late:
                await late.ask(chat())
        received.go.set()
        answer = await busy.read_message()
        assert (answer.complete, answer.body) == (True, b"".join(received.answer.events))
        assert await busy.closed() is Ended.FIN
        await busy.close()
        assert await draining is True
    assert [exchange.outcome for exchange in proxy.exchanges] == [Outcome.OK]
    assert len(old.requests) == 1


# 82: a dialect-correct error event, then an abrupt end
@pytest.mark.parametrize("spoken", CALLS, ids=str)
async def test_a_stream_that_outlasts_the_draining_ends_with_an_error_event(
    old: Server, spoken: Spoken
) -> None:
    async with running(toward(old, dialect=spoken.dialect)) as proxy, proxy.client() as client:
        await client.send(spoken.ask(stream=True, hold_after=3))
        received = await old.arrived.get()
        await received.held.wait()
        await proxy.until(lambda: received.answer.events[2] in client.received)
        assert await proxy.plane.drain(0) is False
        answer = await client.read_message()
        assert not answer.complete
        sent = received.answer.body.bytes
        assert answer.body.startswith(sent)
        assert spoken.error_code(answer.body.removeprefix(sent)) == "draining"
        assert await old.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.PROXY_ERROR


async def test_an_http_1_0_stream_that_outlasts_the_draining_is_reset(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=True, hold_after=3, version=b"1.0"))
        received = await old.arrived.get()
        await received.held.wait()
        await proxy.until(lambda: received.answer.events[2] in client.received)
        assert await proxy.plane.drain(0) is False
        assert await client.closed() is Ended.RST


async def test_a_request_that_still_waits_is_told_so(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(hold_head=True))
        received = await old.arrived.get()
        await received.held.wait()
        draining = asyncio.ensure_future(proxy.plane.drain(0))
        answer = await client.read_message()
        await client.close()
        assert await draining is False
        assert (answer.status, answer.get(b"connection")) == (503, b"close")
        assert json.loads(answer.body)["error"]["code"] == "draining"
        assert answer.get(b"retry-after") == b"1"
        assert await old.disconnects.get() is received


async def test_an_answer_that_begins_while_draining_says_that_it_is_the_last(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(hold_head=True))
        received = await old.arrived.get()
        await received.held.wait()
        draining = asyncio.ensure_future(proxy.plane.drain(60))
        await proxy.until(lambda: proxy.plane.draining)
        received.go.set()
        answer = await client.read_message()
        assert (answer.status, answer.get(b"connection")) == (200, b"close")
        await client.close()
        assert await draining is True


async def test_who_was_not_told_of_an_end_may_ask_once_more_while_others_take_over(
    old: Server,
) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(chat(stream=True, hold_after=3))
        received = await old.arrived.get()
        await received.held.wait()
        await proxy.until(lambda: received.answer.events[2] in client.received)
        draining = asyncio.ensure_future(proxy.plane.drain(60, linger_s=60))
        await proxy.until(lambda: proxy.plane.draining)
        received.go.set()
        answer = await client.read_message()
        assert (answer.status, answer.get(b"connection")) == (200, None)
        answer = await client.ask(chat())
        assert (answer.status, answer.get(b"connection")) == (200, b"close")
        assert await client.closed() is Ended.FIN
        await client.close()
        assert await draining is True


async def test_many_streams_drain_without_a_cut(old: Server) -> None:
    async with running(toward(old), limits=Limits(max_streams=500)) as proxy:
        async with asyncio.TaskGroup() as tasks:
            asking = [tasks.create_task(_stream(proxy.port)) for _ in range(200)]
            held = [await old.arrived.get() for _ in asking]
            for received in held:
                await received.held.wait()
            draining = tasks.create_task(proxy.plane.drain(60))
            for received in held:
                received.go.set()
            assert await draining is True
        assert all(task.result() for task in asking)
    assert {exchange.outcome for exchange in proxy.exchanges} == {Outcome.OK}


async def _stream(port: int | str) -> bool:
    async with connected(port) as client:
        return (await client.ask(chat(stream=True, hold_after=2))).complete
