"""tests/doubles/faults.py: every toxic does its own harm and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.doubles.faults import FaultProxy, Latency, LimitData, ResetPeer, Slicer, SlowClose
from tests.doubles.raw import RawUpstream, connected
from tests.doubles.wire import Ended, Wire

TEXT = bytes(range(256)) * 40


@pytest.fixture
async def echo() -> AsyncIterator[RawUpstream]:
    """Answers every connection's bytes with themselves, until its end."""

    async def act(wire: Wire) -> None:
        while piece := await wire.read():
            await wire.send(piece)

    async with RawUpstream(act) as upstream:
        yield upstream


@pytest.mark.parametrize("toxics", [[], [Latency(delay_s=0.001)], [SlowClose(delay_s=0.001)]])
async def test_bytes_pass_unchanged(echo: RawUpstream, toxics: list[Latency | SlowClose]) -> None:
    async with (
        FaultProxy(echo.port, down=toxics, up=toxics) as proxy,
        connected(proxy.port) as client,
    ):
        await client.send(TEXT)
        client.half_close()
        assert await client.rest() == TEXT
        assert client.ended == Ended.FIN


async def test_slices_arrive_one_by_one(echo: RawUpstream) -> None:
    async with (
        FaultProxy(echo.port, down=[Slicer(size=1)]) as proxy,
        connected(proxy.port) as client,
    ):
        await client.send(b"abcdefgh")
        assert await client.until(b"h") == b"abcdefgh"


async def test_a_limit_ends_the_answer_after_that_many_bytes(echo: RawUpstream) -> None:
    async with (
        FaultProxy(echo.port, down=[LimitData(after_bytes=100)]) as proxy,
        connected(proxy.port) as client,
    ):
        await client.send(TEXT)
        assert await client.rest() == TEXT[:100]
        assert client.ended == Ended.FIN


async def test_a_reset_comes_after_that_many_bytes(echo: RawUpstream) -> None:
    async with FaultProxy(echo.port, down=[ResetPeer(after_bytes=100)]) as proxy:
        async with connected(proxy.port) as client:
            await client.send(TEXT)
            assert await client.rest() == TEXT[:100]
            assert client.ended == Ended.RST
        assert await echo.wires[0].closed() == Ended.RST


async def test_a_dead_target_resets_the_client() -> None:
    async with RawUpstream(lambda wire: asyncio.sleep(0)) as upstream:
        dead = upstream.port
    async with FaultProxy(dead) as proxy, connected(proxy.port) as client:
        assert await client.closed() == Ended.RST


async def test_leaving_resets_what_is_open(echo: RawUpstream) -> None:
    proxy = FaultProxy(echo.port)
    await proxy.__aenter__()
    async with connected(proxy.port) as client:
        await client.send(b"x")
        await client.until(b"x")
        await proxy.__aexit__(None, None, None)
        assert await client.closed() == Ended.RST
