"""What a data plane follows: either store, found by one word."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from control.store.embedded import EmbeddedStore
from control.store.redis import RedisStore
from proxy.following.sourced import sourced
from proxy.redis.address import parse
from proxy.source import SourceUnavailable
from tests.control.store.contract import commit
from tests.doubles.deltas import flushed
from tests.doubles.documents import document
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import PATIENCE_S


async def test_a_redis_is_followed_measured_into_and_left(
    redis: RedisServer, tmp_path: Path
) -> None:
    link = patient(redis.url)
    store = RedisStore(link)
    async with (
        sourced(tmp_path, parse(redis.url)) as (source, sinks),
        asyncio.timeout(PATIENCE_S),
    ):
        await source.changed(3600)  # it hears
        await commit(store, 1)
        await source.changed(3600)
        assert await source.load() == document(1)
        await source.acknowledge("one", 1)
        for sink in sinks:
            await sink.push(flushed(1))
    assert (await store.measured("")).deltas == (flushed(1),)
    assert await store.workers() == []
    await link.close()


async def test_without_one_it_is_the_store_in_the_directory(tmp_path: Path) -> None:
    async with sourced(tmp_path, None) as (source, sinks):
        with pytest.raises(SourceUnavailable):
            await source.load()
        store = EmbeddedStore(tmp_path)
        await commit(store, 1)
        await store.measured("")
        assert await source.load() == document(1)
        for sink in sinks:
            await sink.push(flushed(1))
        assert (await store.measured("")).deltas == (flushed(1),)
        await store.close()
