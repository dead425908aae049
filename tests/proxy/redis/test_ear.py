"""Hints from a real Redis: heard through restarts, silence and connections that have died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio.client import PubSub

from proxy.redis.address import parse
from proxy.redis.ear import Ear, listening
from proxy.redis.link import Link
from tests.doubles.faults import FaultProxy, Latency
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer, free_port
from tests.doubles.until import PATIENCE_S, until


class Heard:
    """Holds what an ear hears; `next` waits for one more."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self._event = asyncio.Event()

    @property
    def count(self) -> int:
        return len(self.said)

    def __call__(self, said: bytes) -> None:
        self.said.append(said)
        self._event.set()

    async def next(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._event.wait()
        self._event.clear()


class Counted(Link):
    """A link that counts how often somebody wants to hear."""

    tries = 0

    def pubsub(self) -> PubSub:
        self.tries += 1
        return super().pubsub()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


async def test_connecting_counts_as_hearing_since_something_may_have_been_missed(
    link: Link, heard: Heard
) -> None:
    ear = Ear(link, "channel", heard)
    assert not ear.hears
    async with listening(ear):
        await heard.next()
        assert ear.hears


async def test_every_message_of_its_channel_is_heard(link: Link, heard: Heard) -> None:
    async with listening(Ear(link, "channel", heard)):
        await heard.next()
        for _ in range(3):
            before = heard.count
            await link.ask("PUBLISH", "other", "x")
            await link.ask("PUBLISH", "channel", "x")
            await heard.next()
            assert heard.count == before + 1
    assert heard.said == [b"", b"x", b"x", b"x"]


async def test_after_a_restart_of_redis_it_hears_again(tmp_path: Path, heard: Heard) -> None:
    with RedisServer(tmp_path) as server:
        link = patient(server.url)
        ear = Ear(link, "channel", heard)
        async with listening(ear):
            await heard.next()
            server.kill()
            await until(lambda: not ear.hears)
            server.start()
            await heard.next()
            await link.ask("PUBLISH", "channel", "x")
            await heard.next()
        await link.close()


async def test_why_nothing_is_heard_is_said_once(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    link = Counted(parse(f"redis://127.0.0.1:{free_port()}"))
    async with listening(Ear(link, "channel", heard, longest_s=0.01)):
        await until(lambda: link.tries > 3)
    assert caplog.messages == ["hints_lost channel=channel reason=Redis cannot be reached"]
    await link.close()


async def test_it_begins_to_hear_once_redis_is_there(tmp_path: Path, heard: Heard) -> None:
    server = RedisServer(tmp_path)
    server.port = free_port()
    link = patient(server.url)
    try:
        async with listening(Ear(link, "channel", heard)):
            await asyncio.sleep(0)
            server.start()
            await heard.next()
    finally:
        server.kill()
        await link.close()


async def test_a_quiet_connection_that_lives_is_kept(
    redis: RedisServer, link: Link, heard: Heard
) -> None:
    async with listening(Ear(link, "channel", heard, quiet_s=0.01)):
        await heard.next()
        redis.cli("CONFIG", "RESETSTAT")
        await until(lambda: b"cmdstat_subscribe:calls" in redis.cli("INFO", "commandstats"))
        await link.ask("PUBLISH", "channel", "x")
        await heard.next()
        assert heard.count == 2


async def test_a_connection_that_died_unnoticed_is_found_out(
    redis: RedisServer, heard: Heard
) -> None:
    async with FaultProxy(redis.port) as proxy:
        link = Link(parse(f"redis://127.0.0.1:{proxy.port}"))
        ear = Ear(link, "channel", heard, quiet_s=0.01)
        async with listening(ear):
            await heard.next()
            proxy.down.append(Latency(delay_s=PATIENCE_S))
            await until(lambda: not ear.hears)
            proxy.down.clear()
            await heard.next()
        await link.close()


async def test_a_fault_of_its_own_is_counted_and_survived(link: Link) -> None:
    again = asyncio.Event()

    def broken(_: bytes) -> None:
        if ear.faults:
            again.set()
            return
        raise ValueError("broken")

    ear = Ear(link, "channel", broken, longest_s=0.01)
    async with listening(ear), asyncio.timeout(PATIENCE_S):
        await again.wait()
    assert ear.faults == 1
