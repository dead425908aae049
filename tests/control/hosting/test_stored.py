"""The store that the configuration names: built whole, and taken down without a trace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from control.files import config
from control.files.config import Config
from control.hosting.stored import opened, stored
from control.store import Stored, StoreInUse, StoreUnavailable
from control.store.embedded import EmbeddedStore
from control.store.redis import RedisStore
from proxy.following import lastgood
from proxy.redis.address import parse
from tests.control.store.contract import commit
from tests.doubles.deltas import flushed
from tests.doubles.documents import document
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer, free_port
from tests.doubles.until import PATIENCE_S

REST = 'upstreams: {a: {url: "http://127.0.0.1:9", dialect: openai}}\n'


def configured(folder: Path, store: str) -> Config:
    file = folder / "crossfade.yaml"
    file.write_text(f"store: {store}\nstate_dir: state\n{REST}")
    return config.load(file, {})


@pytest.mark.parametrize("kind", ["embedded", "redis"])
async def test_store_source_and_sink_are_of_one_store(
    kind: str, redis: RedisServer, tmp_path: Path
) -> None:
    made = configured(tmp_path, redis.url if kind == "redis" else kind)
    async with stored(made) as kept, asyncio.timeout(PATIENCE_S):
        await commit(kept.store, 1)
        await kept.source.changed(3600)
        assert await kept.source.load() == document(1)
        await kept.source.acknowledge("one", 1)
        assert [told.worker for told in await kept.store.workers()] == ["one"]
        await kept.store.measured("")
        for sink in kept.sinks:
            await sink.push(flushed(1))
        assert (await kept.store.measured("")).deltas == (flushed(1),)
    assert (tmp_path / "state").is_dir()


async def test_the_word_decides_which(redis: RedisServer, tmp_path: Path) -> None:
    async with stored(configured(tmp_path, "embedded")) as kept:
        assert isinstance(kept.store, EmbeddedStore)
    async with stored(configured(tmp_path, redis.url)) as kept:
        assert isinstance(kept.store, RedisStore)


async def test_a_worker_leaves_when_its_store_is_put_away(
    redis: RedisServer, tmp_path: Path
) -> None:
    async with stored(configured(tmp_path, redis.url)) as kept:
        await kept.source.acknowledge("one", 1)
    async with opened(parse(redis.url)) as store:
        assert await store.workers() == []


async def test_a_directory_in_use_is_refused_for_the_embedded_store_alone(
    redis: RedisServer, tmp_path: Path
) -> None:
    async with stored(configured(tmp_path, "embedded")):
        with pytest.raises(StoreInUse):
            async with stored(configured(tmp_path, "embedded")):
                pass
    async with stored(configured(tmp_path, redis.url)), stored(configured(tmp_path, redis.url)):
        pass


async def test_a_store_that_cannot_be_read_keeps_nothing_from_starting(tmp_path: Path) -> None:
    async with stored(configured(tmp_path, f"redis://127.0.0.1:{free_port()}")) as kept:
        with pytest.raises(StoreUnavailable, match="Redis cannot be reached"):
            await kept.store.read()
    (tmp_path / "state" / "store.db").write_bytes(b"garbage")
    async with stored(configured(tmp_path, "embedded")) as kept:
        with pytest.raises(StoreUnavailable):
            await kept.store.read()


async def test_the_last_good_document_begins_an_embedded_store_and_bounds_a_redis(
    redis: RedisServer, tmp_path: Path
) -> None:
    lastgood.save(tmp_path / "state", document(7))
    async with stored(configured(tmp_path, "embedded")) as kept:
        assert await kept.store.read() == Stored(7, document(7))
    async with stored(configured(tmp_path, redis.url)) as kept:
        with pytest.raises(StoreUnavailable, match="it is empty; version 7"):
            await kept.store.read()


async def test_what_lies_unreadable_on_the_disk_bounds_nothing(
    redis: RedisServer, tmp_path: Path
) -> None:
    (tmp_path / "state" / lastgood.CURRENT).mkdir(parents=True)
    async with stored(configured(tmp_path, redis.url)) as kept:
        assert await kept.store.read() == Stored(0, None)


async def test_an_error_inside_comes_out_as_it_is(redis: RedisServer, tmp_path: Path) -> None:
    for kind in ("embedded", redis.url):
        with pytest.raises(OSError, match="taken"):
            async with stored(configured(tmp_path, kind)):
                raise OSError("taken")


async def test_a_store_may_be_opened_for_one_command(redis: RedisServer) -> None:
    async with opened(parse(redis.url), last_good=document(3)) as store:
        with pytest.raises(StoreUnavailable, match="version 3"):
            await store.read()
    async with opened(replace(parse(redis.url), database=1)) as store:
        await commit(store, 1)
    link = patient(f"{redis.url}/1")
    assert await RedisStore(link).read() == Stored(1, document(1))
    await link.close()
