"""A watch on real Redises: hints that are lost, two masters of two minds, one that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from control.store.redis import RedisStore
from proxy.following import lastgood
from proxy.following.watch import Watch
from proxy.redis import keys
from proxy.redis.link import Link
from proxy.source.redis import RedisSource
from tests.control.store.contract import commit
from tests.doubles.documents import DAMAGES, document, event
from tests.doubles.faults import FaultProxy
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import PATIENCE_S, until


@asynccontextmanager
async def watching(source: RedisSource, folder: Path) -> AsyncIterator[Watch]:
    watch = Watch(source, lambda _: None, state_dir=folder, worker="one")
    following = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        following.cancel()
        await asyncio.wait([following])


async def until_said(watch: Watch, said: str) -> None:
    await until(lambda: any(said in reason for reason in watch.status().reasons))


async def until_well(watch: Watch) -> None:
    await until(lambda: not watch.status().degraded)


async def until_saved(folder: Path, data: bytes) -> None:
    await until(lambda: lastgood.load(folder) == data)


def serves(watch: Watch) -> int | None:
    return watch.status().version


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


async def test_what_no_hint_told_of_is_found_by_the_next_poll(link: Link, tmp_path: Path) -> None:
    source = RedisSource(link)
    async with source.listening(), watching(source, tmp_path) as watch:
        assert await watch.reached(0, PATIENCE_S)
        await link.ask("SET", keys.SNAPSHOT, document(1))  # nothing is published
        assert await watch.reached(1, PATIENCE_S)


async def test_without_a_connection_for_hints_the_polls_find_everything(
    link: Link, tmp_path: Path
) -> None:
    store = RedisStore(link)
    async with watching(RedisSource(link), tmp_path) as watch:
        for version in (1, 2):
            await commit(store, version)
            assert await watch.reached(version, PATIENCE_S)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_a_damaged_document_is_reported_and_never_served(  # type: ignore[no-untyped-def]
    link: Link, tmp_path: Path, damage
) -> None:
    source = RedisSource(link)
    await link.ask("SET", keys.SNAPSHOT, document(1))
    async with source.listening(), watching(source, tmp_path) as watch:
        assert await watch.reached(1, PATIENCE_S)
        await link.ask("SET", keys.SNAPSHOT, damage(document(2)))
        source.hint()
        await until_said(watch, "the store")
        assert serves(watch) == 1
        await link.ask("SET", keys.SNAPSHOT, document(2))
        source.hint()
        assert await watch.reached(2, PATIENCE_S)
        await until_well(watch)


async def test_old_and_garbled_hints_do_no_harm(link: Link, tmp_path: Path) -> None:
    source, store = RedisSource(link), RedisStore(link)
    await commit(store, 1)
    async with source.listening(), watching(source, tmp_path) as watch:
        assert await watch.reached(1, PATIENCE_S)
        await commit(store, 2)
        await until_saved(tmp_path, document(2))
        after = document(2)[: keys.HEAD] + b"\n"
        for replayed in (document(1), document(2, share=1), document(3, epoch=1), b"{}", b"9"):
            await link.ask("PUBLISH", keys.CHANGED, after + replayed)
            await link.ask("PUBLISH", keys.CHANGED, replayed)
        await commit(store, 3)
        await until_saved(tmp_path, document(3))
        await until_well(watch)
        assert (serves(watch), watch.faults) == (3, 0)


async def test_after_a_failover_the_hints_of_the_lost_master_count_for_nothing(
    link: Link, tmp_path: Path
) -> None:
    source = RedisSource(link)
    await link.ask("SET", keys.SNAPSHOT, document(2))
    async with source.listening(), watching(source, tmp_path) as watch:
        await until_saved(tmp_path, document(2))
        await link.ask("SET", keys.SNAPSHOT, document(3, share=100))  # here, after the failover
        source.hint()
        await until_saved(tmp_path, document(3, share=100))
        lost = document(3, share=900)[: keys.HEAD] + b"\n" + document(4, share=900)
        await link.ask("PUBLISH", keys.CHANGED, lost)
        await commit(RedisStore(link), 4, share=100)
        await until_saved(tmp_path, document(4, share=100))
        await until_well(watch)


async def test_a_document_too_large_for_a_hint_serves_all_the_same(
    link: Link, tmp_path: Path
) -> None:
    source, large = RedisSource(link), document(1, padding=keys.MOST_HINTED)
    async with source.listening(), watching(source, tmp_path) as watch:
        await RedisStore(link).commit(large, 0, event(1))
        assert await watch.reached(1, PATIENCE_S)


async def test_of_two_masters_of_two_minds_the_one_served_first_is_kept(
    redis: RedisServer, tmp_path: Path
) -> None:
    with RedisServer(tmp_path / "other") as second:
        one, other = patient(redis.url), patient(second.url)
        await one.ask("SET", keys.SNAPSHOT, document(2, share=100))
        await other.ask("SET", keys.SNAPSHOT, document(2, share=900))
        async with FaultProxy(redis.port) as proxy:
            link = patient(f"redis://127.0.0.1:{proxy.port}")
            source = RedisSource(link)
            async with source.listening(), watching(source, tmp_path / "state") as watch:
                assert await watch.reached(2, PATIENCE_S)
                proxy.target = second.port
                redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                await until_said(watch, "another document under version 2")
                await other.ask("SET", keys.SNAPSHOT, document(1))
                await until_said(watch, "went back to version 1")
                assert watch.snapshot is not None
                (route,) = watch.snapshot.routes
                assert (serves(watch), route.split.share) == (2, 100)
                await other.ask("SET", keys.SNAPSHOT, document(3))
                assert await watch.reached(3, PATIENCE_S)
                await until_well(watch)
            await link.close()
        await one.close()
        await other.close()


async def test_a_flushed_redis_is_reported_and_the_last_good_file_mends_it(
    redis: RedisServer, link: Link, tmp_path: Path
) -> None:
    source = RedisSource(link)
    store = RedisStore(link)
    await commit(store, 1)
    async with source.listening(), watching(source, tmp_path) as watch:
        assert await watch.reached(1, PATIENCE_S)
        redis.cli("FLUSHALL")
        await until_said(watch, "the store answers that it is empty; version 1")
        assert serves(watch) == 1
        kept = lastgood.load(tmp_path)
        assert kept is not None
        assert (tmp_path / lastgood.CURRENT).read_bytes() == kept
        await link.ask("SET", keys.SNAPSHOT, kept)
        await until_well(watch)
        await commit(store, 2)
        assert await watch.reached(2, PATIENCE_S)


async def test_while_redis_is_away_what_serves_goes_on_serving(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis", "appendonly yes", "appendfsync always") as server:
        link = patient(server.url)
        source, store = RedisSource(link), RedisStore(link)
        await commit(store, 1)
        async with source.listening(), watching(source, tmp_path / "state") as watch:
            assert await watch.reached(1, PATIENCE_S)
            server.kill()
            await until_said(watch, "Redis cannot be reached")
            assert serves(watch) == 1
            server.start()
            await until_well(watch)
            await commit(store, 2)
            assert await watch.reached(2, PATIENCE_S)
            await until_saved(tmp_path / "state", document(2))
        server.kill()
        async with watching(RedisSource(link), tmp_path / "state") as later:
            assert await later.reached(2, PATIENCE_S)  # from the disk
            await until_said(later, "Redis cannot be reached")
        await link.close()
