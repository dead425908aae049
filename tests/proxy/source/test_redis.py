"""A Redis store as the data plane reads it: a real one, harmed in every way it can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from control.store.redis import RedisStore
from proxy import wire
from proxy.errors import Invalid
from proxy.redis import keys
from proxy.redis.address import parse
from proxy.redis.link import Link
from proxy.source import SourceUnavailable
from proxy.source.redis import RedisSink, RedisSource
from proxy.wire import MAX_DOCUMENT
from tests.control.store.contract import commit
from tests.doubles.documents import DAMAGES, document, event
from tests.doubles.faults import FaultProxy, Latency
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer
from tests.proxy.source.contract import SourceContract, SourceRig


class RedisRig(SourceRig):
    """A source on the Redis that a real store writes."""

    def __init__(self, link: Link) -> None:
        self.store = RedisStore(link)
        self.source: RedisSource = RedisSource(link)

    async def put(self, data: bytes) -> None:
        version = wire.decode(data)[0].version
        await self.store.commit(data, version - 1, event(version))

    def hint(self) -> None:
        self.source.hint()

    async def acknowledged(self) -> dict[str, int]:
        return {told.worker: told.version for told in await self.store.workers()}


@pytest.fixture
async def rig(redis: RedisServer) -> AsyncIterator[RedisRig]:
    link = patient(redis.url)
    yield RedisRig(link)
    await link.close()


class TestRedisSource(SourceContract):
    @pytest.fixture
    def rig(self, rig: RedisRig) -> RedisRig:
        return rig


async def test_a_commit_elsewhere_ends_the_wait(rig: RedisRig) -> None:
    async with rig.source.listening():
        await rig.source.changed(3600)  # it hears
        waiting = asyncio.ensure_future(rig.source.changed(3600))
        await commit(rig.store, 1)
        await waiting
    assert await rig.source.load() == document(1)


async def test_of_what_is_known_the_head_alone_is_read(redis: RedisServer, rig: RedisRig) -> None:
    known = document(1)
    await rig.put(known)
    redis.cli("CONFIG", "RESETSTAT")
    for _ in range(3):
        assert await rig.source.load(known) is known
    assert b"cmdstat_getrange:calls=3," in redis.cli("INFO", "commandstats")
    await rig.put(document(2))
    assert await rig.source.load(known) == document(2)


def hinting(replaced: bytes, said: bytes) -> bytes:
    return replaced[: keys.HEAD] + b"\n" + said


async def test_a_commits_hint_carries_the_document(rig: RedisRig) -> None:
    async with rig.source.listening():
        assert await rig.source.changed(3600) is None  # it hears
        await rig.put(document(1))
        assert await rig.source.changed(3600) is None  # the first one replaces nothing
        assert await rig.source.load() == document(1)
        await rig.put(document(2))
        assert await rig.source.changed(3600) == document(2)
        assert await rig.source.changed(0.01) is None


async def test_a_document_too_large_for_a_hint_is_fetched(rig: RedisRig) -> None:
    before, large = document(1), document(2, padding=keys.MOST_HINTED)
    await rig.put(before)
    await rig.source.load()
    async with rig.source.listening():
        assert await rig.source.changed(3600) is None
        await rig.put(large)
        assert await rig.source.changed(3600) is None
        assert await rig.source.load(before) == large


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"2",
        b"\x00\xff",
        document(2),
        hinting(document(1, share=1), document(2)),
        hinting(document(0), document(1)),
        hinting(document(1), b"x" * (keys.MOST_HINTED + 1)),
        b"\n" + document(2),
        document(1)[:20] + b"\n" + document(2),
    ],
)
async def test_a_hint_that_does_not_follow_on_what_was_read_has_the_store_read(
    redis: RedisServer, rig: RedisRig, said: bytes
) -> None:
    await rig.put(document(1))
    await rig.source.load()
    redis.cli("CONFIG", "RESETSTAT")
    rig.source.hint(said)
    assert await rig.source.changed(3600) is None
    assert await rig.source.load(document(1)) == document(1)
    assert b"cmdstat_getrange:calls=1," in redis.cli("INFO", "commandstats")


async def test_a_hint_before_anything_was_read_carries_nothing(rig: RedisRig) -> None:
    rig.source.hint(hinting(b"", document(2)))
    assert await rig.source.changed(3600) is None


async def test_the_store_in_another_database_says_nothing_that_serves(
    redis: RedisServer, rig: RedisRig
) -> None:
    elsewhere = patient(f"{redis.url}/1")
    store = RedisStore(elsewhere)
    for version in (1, 2):
        await commit(store, version, share=900)
    await rig.put(document(1))
    async with rig.source.listening():
        await rig.source.changed(3600)
        assert await rig.source.load() == document(1)
        await commit(store, 3, share=900)
        assert await rig.source.changed(3600) is None  # channels are common to all databases
        assert await rig.source.load(document(1)) == document(1)
    await elsewhere.close()


async def test_what_is_known_is_told_once(redis: RedisServer, rig: RedisRig) -> None:
    told: list[bytes] = []
    link = patient(redis.url)
    source = RedisSource(link, loaded=told.append)
    for version in (1, 2):
        await rig.put(document(version))
        for _ in range(2):
            await source.load(document(version))
    assert told == [document(1), document(2)]
    await link.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_a_damaged_document_is_never_taken_and_is_read_anew_once_repaired(
    redis: RedisServer, rig: RedisRig, damage: Callable[[bytes], bytes]
) -> None:
    await rig.put(document(1))
    await rig.source.load()
    link = patient(redis.url)
    await link.ask("SET", keys.SNAPSHOT, damage(document(2)))
    for _ in range(2):
        try:
            data = await rig.source.load(document(1))
        except SourceUnavailable:
            continue
        assert data is not None
        with pytest.raises(Invalid):
            wire.decode(data)
    await link.ask("SET", keys.SNAPSHOT, document(2))
    assert await rig.source.load(document(1)) == document(2)
    await link.close()


async def test_a_document_over_the_limit_is_not_read_whole(
    redis: RedisServer, rig: RedisRig
) -> None:
    redis.cli("SETRANGE", keys.SNAPSHOT, "100000000", "x")
    data = await rig.source.load()
    assert data is not None
    assert len(data) == MAX_DOCUMENT + 1
    with pytest.raises(Invalid, match="larger than 16 MiB"):
        wire.decode(data)


async def test_a_value_of_another_kind_is_not_taken_for_empty(
    redis: RedisServer, rig: RedisRig
) -> None:
    redis.cli("SET", keys.SNAPSHOT, "")
    with pytest.raises(SourceUnavailable, match="its document is gone"):
        await rig.source.load()
    redis.cli("DEL", keys.SNAPSHOT)
    redis.cli("LPUSH", keys.SNAPSHOT, "x")
    with pytest.raises(SourceUnavailable, match="Redis answers with an error: WRONGTYPE"):
        await rig.source.load()


async def test_a_redis_that_is_away_is_unavailable_not_empty(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        link = patient(server.url)
        source = RedisSource(link)
        assert await source.load() is None
        server.kill()
        for refused in (source.load(), source.acknowledge("one", 1), RedisSink(link).push(b"\x80")):
            with pytest.raises(SourceUnavailable):
                await refused
        server.start()
        assert await source.load() is None
        server.kill()
        await source.close()
        await link.close()


async def test_a_slow_redis_is_unavailable(redis: RedisServer) -> None:
    async with FaultProxy(redis.port, down=[Latency(delay_s=30)]) as slow:
        link = Link(parse(f"redis://127.0.0.1:{slow.port}"))
        with pytest.raises(SourceUnavailable, match="Redis does not answer"):
            await RedisSource(link).load()
        await link.close()


async def test_what_is_no_delta_is_not_pushed(rig: RedisRig, redis: RedisServer) -> None:
    link = patient(redis.url)
    with pytest.raises(SourceUnavailable, match="a delta cannot be read"):
        await RedisSink(link).push(b"garbage")
    assert (await rig.store.measured("")).deltas == ()
    await link.close()
