"""A Redis store as the data plane reads it, on a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control.store.redis import RedisStore
from proxy import wire
from proxy.redis.address import parse
from proxy.redis.link import Link
from proxy.source.redis import RedisSource
from tests.doubles.documents import event
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
    link = Link(parse(redis.url))
    yield RedisRig(link)
    await link.close()


class TestRedisSource(SourceContract):
    @pytest.fixture
    def rig(self, rig: RedisRig) -> RedisRig:
        return rig
