"""One worker is this process, more are a crew; the control plane sees the same of both."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from control.hosting.crew import Crew
from control.hosting.single import Single
from control.hosting.stored import stored
from control.hosting.traffic import carrying
from proxy.errors import Invalid
from proxy.redis.address import parse
from proxy.redis.at import RedisAt
from tests.control.office import configured
from tests.doubles.redis_server import RedisServer
from tests.doubles.until import until


async def test_one_worker_is_this_process(tmp_path: Path) -> None:
    config = configured(tmp_path)
    async with stored(config) as kept, carrying(config, kept) as traffic:
        assert isinstance(traffic, Single)
        assert traffic.addresses


async def test_more_are_processes_of_their_own_on_one_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RedisServer(tmp_path / "redis") as redis:
        config = configured(tmp_path)
        origins = replace(config.origins, redis=RedisAt(url=redis.url))
        config = replace(config, workers=2, store=parse(redis.url), origins=origins)
        for name in config.origins.key_envs.values():
            monkeypatch.setenv(name, "sk-CANARY-crew")
        async with stored(config) as kept, carrying(config, kept) as traffic:
            assert isinstance(traffic, Crew)
            assert traffic.worker is None
            await traffic.watch.reached(0, 30.0)
            await until(lambda: traffic.readiness().snapshot_version is not None)
            now = traffic.readiness()
            assert (now.degraded, now.reasons, now.draining) == (False, (), False)
            gauges = traffic.gauges()
            assert (gauges.workers_ready, gauges.worker_restarts) == (2, 0)
            workers = {one.worker for one in await kept.store.workers()}
            assert all(one.startswith(f"{os.uname().nodename}:{os.getpid()}:") for one in workers)
            traffic.look()
            before = _workers(traffic)
            stop = asyncio.Event()
            serving = asyncio.create_task(traffic.until_drained(stop))
            await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: not _workers(traffic) & before)
            stop.set()
            await serving
            assert traffic.readiness().draining


def _workers(crew: Crew) -> set[str]:
    return {one.worker for one in crew._supervisor.standings()}


async def test_an_address_that_cannot_be_is_refused_as_it_is(tmp_path: Path) -> None:
    config = replace(configured(tmp_path), listen=("nowhere",))
    async with stored(config) as kept:
        for workers in (1, 2):
            with pytest.raises(Invalid):
                async with carrying(replace(config, workers=workers), kept):
                    pass
