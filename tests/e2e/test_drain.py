"""SIGTERM: no new requests, running streams finish, and those that outlast it end with an error."""

from __future__ import annotations

import asyncio
import json
import signal

import pytest

from tests.doubles.raw import RawClient, connected
from tests.e2e.asking import connections
from tests.e2e.conftest import Make
from tests.e2e.shapes import CHAT, GENERATE, MESSAGES, OLLAMA_CHAT, RESPONSES, Shape
from tests.e2e.stage import Stage, stage


async def test_sigterm_lets_streams_finish(alone: Stage) -> None:
    moved = alone.migrate(weight=100)
    async with connected(alone.crossfade.port) as idle, connected(alone.crossfade.port) as client:
        await client.send(CHAT.request(moved.asks, b"X-Mark: finishing", hold_after=3))
        received = await asyncio.to_thread(alone.apis.held, "finishing")
        alone.crossfade.signal(signal.SIGTERM)
        await idle.closed()
        status, ready = alone.readiness()
        assert (status, ready["status"], ready["draining"]) == (503, "draining", True)
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset as it closes
            async with connected(alone.crossfade.port) as late:
                await late.ask(CHAT.request(moved.asks))
        alone.apis.go(received)
        answer = await client.read_message()
        assert answer.complete
        assert answer.body == received.answer.body.bytes
        await client.closed()
    assert alone.crossfade.ended() == 0
    assert alone.crossfade.events[-1] == "drained streams=0"


async def test_sigterm_under_load_cuts_no_answer(alone: Stage) -> None:
    """Who has begun to be answered is answered whole; the others are closed or turned away."""
    moved = alone.migrate(weight=50)
    before = len(alone.apis.old.requests) + len(alone.apis.new.requests)
    whole: list[bytes] = []
    busy = asyncio.Semaphore(0)

    async def load() -> None:
        async with connected(alone.crossfade.port) as client:
            while (status := await _begun(client, moved.asks)) == 200:
                whole.append(await client.until(b"data: [DONE]\n\n\r\n0\r\n\r\n"))
                busy.release()
            assert status in (None, 503)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(load())
        for _ in range(50):
            await busy.acquire()
        alone.crossfade.signal(signal.SIGTERM)
    assert alone.crossfade.ended() == 0
    assert alone.crossfade.events[-1] == "drained streams=0"
    asked = len(alone.apis.old.requests) + len(alone.apis.new.requests) - before
    assert asked == len(whole)


async def _begun(client: RawClient, model: str) -> int | None:
    """The status of an answer; None where the connection was closed before one began."""
    try:
        await client.send(CHAT.request(model, events=3, event_delay_s=0.002))
        return (await client.read_head()).status
    except (AssertionError, ConnectionError):
        return None


SHAPES = (CHAT, RESPONSES, MESSAGES, GENERATE, OLLAMA_CHAT)


async def test_streams_that_outlast_the_drain_end_with_an_error(make: Make, shared: Stage) -> None:
    """One of each dialect: its own error event, and no end that HTTP would take for one."""
    crossfade = make({"limits": {"drain_timeout": "300ms"}})
    crossfade.start()
    behind = stage(crossfade, shared.apis)
    migrations = [behind.migrate(shape.dialect, weight=100) for shape in SHAPES]
    async with connections(crossfade.port, len(SHAPES)) as clients:
        for shape, moved, client in zip(SHAPES, migrations, clients, strict=True):
            mark = f"X-Mark: drain-{shape.name}".encode()
            await client.send(shape.request(moved.asks, mark, hold_after=shape.opening + 2))
            await asyncio.to_thread(behind.apis.held, f"drain-{shape.name}")
        crossfade.signal(signal.SIGTERM)
        for shape, client in zip(SHAPES, clients, strict=True):
            answer = await client.read_message()
            assert not answer.complete, shape.name
            _check_error(shape, answer.body)
    assert crossfade.ended() == 0


def _check_error(shape: Shape, body: bytes) -> None:
    """The last event is crossfade's own error, in the dialect's shape."""
    assert b"draining" in body
    if shape is OLLAMA_CHAT:
        assert json.loads(body.splitlines()[-1])["code"] == "draining"
        return
    end = b"\r\n\r\n" if shape is GENERATE else b"\n\n"
    assert body.endswith(b"\n\n")
    *_, last = body.removesuffix(b"\n\n").split(end)
    name, _, data = last.rpartition(b"data: ")
    error = json.loads(data)
    if shape is GENERATE:
        assert error["error"]["details"][0]["reason"] == "draining"
    else:
        assert error["error"]["code"] == "draining"
    named = shape in (MESSAGES, RESPONSES)
    assert name == (b"event: error\n" if named else b"")


async def test_a_second_signal_ends_the_patience(alone: Stage) -> None:
    moved = alone.migrate(weight=100)
    async with connected(alone.crossfade.port) as client:
        await client.send(CHAT.request(moved.asks, b"X-Mark: hurried", hold_after=3))
        await asyncio.to_thread(alone.apis.held, "hurried")
        alone.crossfade.signal(signal.SIGTERM)
        alone.crossfade.wait_for(lambda: "draining streams=1" in alone.crossfade.events)
        alone.crossfade.signal(signal.SIGINT)
        assert not (await client.read_message()).complete
    assert alone.crossfade.ended() == 0
