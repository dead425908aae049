"""The data plane alone on a real Redis that is slow, dies, comes back, or wants a password."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from control.store.redis import RedisStore
from proxy.errors import Invalid
from proxy.policy import WHOLE, Secret
from proxy.redis.address import parse
from proxy.redis.at import RedisAt
from proxy.redis.link import Link
from proxy.running import alone as data_plane
from proxy.running.settings import Settings, encode
from tests.control.store.contract import commit
from tests.doubles.alone import Alone, alone
from tests.doubles.faults import FaultProxy, Latency
from tests.doubles.patience import PATIENCE_S, patient
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import until
from tests.doubles.upstream import Server
from tests.proxy.running.test_alone import settings as plain

CANARY = "sk-CANARY-alone"
REQUESTS = 40


def settings(folder: Path, url: str, port: int, **more: str) -> Settings:
    at = RedisAt(url=url, **more)
    return msgspec.structs.replace(plain(folder, port), store=at)


async def all_by(plane: Alone, arm: str) -> None:
    """Every one of many requests at a time is answered, by that arm."""
    arms = await asyncio.gather(*(plane.arm() for _ in range(REQUESTS)))
    assert arms == [arm] * REQUESTS


async def saved(store: RedisStore) -> bool:
    """Whether a worker has told of what it serves, which is on its disk by then."""
    return bool(await store.workers())


async def test_a_change_of_weight_is_told_to_it(
    redis: RedisServer, tmp_path: Path, old: Server
) -> None:
    link = patient(redis.url)
    store = RedisStore(link)
    await commit(store, 1)
    async with alone(encode(settings(tmp_path, redis.url, old.port)), KEY=CANARY) as plane:
        assert await plane.arm() == "baseline"
        await commit(store, 2, share=WHOLE)
        await plane.event("snapshot_applied epoch=0 version=2")
        await all_by(plane, "candidate")
    await link.close()


async def test_while_redis_hangs_and_dies_no_request_notices(tmp_path: Path, old: Server) -> None:
    with RedisServer(tmp_path / "redis", "appendonly yes", "appendfsync always") as server:
        link = patient(server.url)
        store = RedisStore(link)
        await commit(store, 1, share=WHOLE)
        async with FaultProxy(server.port) as proxy:
            url = f"redis://127.0.0.1:{proxy.port}"
            async with alone(encode(settings(tmp_path, url, old.port)), KEY=CANARY) as plane:
                await all_by(plane, "candidate")
                proxy.down.append(Latency(delay_s=30))
                await plane.event("degraded concern=source")
                await all_by(plane, "candidate")
                proxy.down.clear()
                await plane.event("settled concern=source")
                server.kill()
                await plane.event("degraded concern=source")
                await all_by(plane, "candidate")
                server.start()
                await commit(store, 2)
                await plane.event("snapshot_applied epoch=0 version=2")
                await all_by(plane, "baseline")
        await link.close()


async def test_started_while_redis_is_away_it_serves_what_it_served(
    tmp_path: Path, old: Server
) -> None:
    with RedisServer(tmp_path / "redis") as server:
        said = encode(settings(tmp_path, server.url, old.port))
        link = patient(server.url)
        await commit(RedisStore(link), 1, share=WHOLE)
        async with alone(said, KEY=CANARY):
            await until(lambda: saved(RedisStore(link)))
        server.kill()
        async with alone(said, KEY=CANARY) as plane:
            assert await plane.arm() == "candidate"
        await link.close()


async def test_its_password_comes_from_the_environment_and_is_shown_nowhere(
    tmp_path: Path, old: Server
) -> None:
    with RedisServer(tmp_path / "redis", f"requirepass {CANARY}-redis") as server:
        address = replace(parse(server.url), password=Secret(f"{CANARY}-redis"))
        link = Link(address, timeout_s=PATIENCE_S)
        await commit(RedisStore(link), 1, share=WHOLE)
        said = encode(settings(tmp_path, server.url, old.port, password_env="PASSWORD"))
        assert b"CANARY" not in said
        for password, arm in ((f"{CANARY}-redis", "candidate"), (f"{CANARY}-other", "candidate")):
            async with alone(said, KEY=CANARY, PASSWORD=password) as plane:
                assert await plane.arm() == arm
                assert not [event for event in plane.events if "CANARY" in event]
        assert any("refuses the name or the password" in event for event in plane.events)
        await link.close()


def test_a_password_that_is_not_there_keeps_it_from_starting(tmp_path: Path) -> None:
    said = settings(tmp_path, "redis://h", 9, password_env="PASSWORD")
    data_plane.parts(said, {"KEY": CANARY})
    with pytest.raises(Invalid, match="store: the environment variable PASSWORD is not set"):
        data_plane.redis(said, {"KEY": CANARY})
    assert data_plane.redis(plain(tmp_path), {}) is None
