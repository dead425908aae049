"""The demo's model API as a process: what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

import aiohttp
import pytest


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    words = ("-m", "control.demo.model_api", "--name", "old")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=PIPE, stdout=PIPE)
    yield process
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def address(process: Process) -> str:
    assert process.stdout is not None
    return f"http://127.0.0.1:{json.loads(await process.stdout.readline())['port']}"


async def test_it_says_its_name_in_every_answer(process: Process) -> None:
    url = await address(process)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/v1/chat/completions", json={"model": "m"}) as answer,
    ):
        assert (await answer.json())["choices"][0]["message"]["content"].startswith("[old] ")


async def test_a_stream_comes_as_events(process: Process) -> None:
    url = await address(process)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/v1/messages", json={"model": "m", "stream": True}) as answer,
    ):
        assert answer.content_type == "text/event-stream"
        assert (await answer.read()).startswith(b"event: message_start\ndata: ")


@pytest.mark.parametrize(("path", "status"), [("/v1/messages", 400), ("/v1/embeddings", 404)])
async def test_what_it_cannot_answer_is_an_error(process: Process, path: str, status: int) -> None:
    url = await address(process)
    async with (
        aiohttp.ClientSession() as session,
        session.post(url + path, data=b"[]") as answer,
    ):
        assert answer.status == status
        assert (await answer.json())["error"]["message"]


async def test_it_ends_with_the_process_that_started_it(process: Process) -> None:
    await address(process)
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0


async def test_it_ends_with_a_signal(process: Process) -> None:
    await address(process)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


async def test_it_turns_bad_when_it_is_told_and_fails_that_share(process: Process) -> None:
    url = await address(process)
    seen: list[int] = []
    async with aiohttp.ClientSession() as session:
        await session.post(f"{url}/turn-bad/30")
        for _ in range(20):
            async with session.post(f"{url}/v1/chat/completions", json={"model": "m"}) as answer:
                seen.append(answer.status)
        await session.post(f"{url}/turn-bad/0")
        async with session.post(f"{url}/v1/chat/completions", json={"model": "m"}) as answer:
            assert answer.status == 200
    assert (seen.count(500), seen.count(200)) == (6, 14)
