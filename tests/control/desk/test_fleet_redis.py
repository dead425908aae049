"""A fleet on a real Redis: whoever waits is told by each worker, and not by the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from control.desk.fleet import Fleet
from control.store.redis import RedisStore
from proxy.following.watch import Watch
from proxy.redis.link import Link
from proxy.source.redis import RedisSource
from tests.control.store.contract import commit
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import PATIENCE_S, until

WORKERS = 8


@asynccontextmanager
async def working(link: Link, folder: Path, name: str) -> AsyncIterator[Watch]:
    """A worker's own part: it follows, serves nothing, and says what it would serve."""
    source = RedisSource(link)
    watch = Watch(source, lambda _: None, state_dir=folder / name, worker=name)
    async with source.listening():
        following = asyncio.create_task(watch.run())
        try:
            assert await watch.reached(0, PATIENCE_S)
            yield watch
        finally:
            following.cancel()
            await asyncio.wait([following])
            await source.close()


def fleet(store: RedisStore) -> Fleet:
    return Fleet(store, worker=None, reached=_nobody, clock=time.monotonic)


async def _nobody(version: int, timeout_s: float) -> bool:
    return False


async def test_every_worker_is_waited_for_and_told_with_its_time(
    redis: RedisServer, tmp_path: Path
) -> None:
    link = patient(redis.url)
    store = RedisStore(link)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(store.listening())
        for number in range(WORKERS):
            await stack.enter_async_context(working(link, tmp_path, f"w{number}"))
        assert (await fleet(store).served(0, PATIENCE_S)).complete
        for version in (1, 2, 3):
            await commit(store, version)
            served = await fleet(store).served(version, PATIENCE_S)
            assert served.complete
            assert set(served.workers) <= {f"w{number}" for number in range(WORKERS)}
    assert await store.workers() == []
    await link.close()


async def said(store: RedisStore, worker: str, version: int) -> bool:
    return (worker, version) in [(one.worker, one.version) for one in await store.workers()]


async def test_one_that_does_not_follow_is_named_until_it_leaves(
    redis: RedisServer, tmp_path: Path
) -> None:
    link = patient(redis.url)
    store, stuck = RedisStore(link), RedisSource(link)
    await stuck.acknowledge("stuck", 0)
    async with store.listening(), working(link, tmp_path, "well"):
        await commit(store, 1)
        await until(lambda: said(store, "well", 1))
        served = await fleet(store).served(1, 1.0)
        assert not served.complete
        assert served.missing == ("stuck",)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(fleet(store).served(1, PATIENCE_S))
            await stuck.close()
        assert waiting.result().complete
    await link.close()
