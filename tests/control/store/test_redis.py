"""The Redis store, on a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control.store.redis import RedisStore
from proxy.redis.address import parse
from proxy.redis.link import Link
from tests.control.store.contract import StoreContract
from tests.doubles.redis_server import RedisServer


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = Link(parse(redis.url))
    yield link
    await link.close()


@pytest.fixture
async def store(link: Link) -> AsyncIterator[RedisStore]:
    store = RedisStore(link)
    yield store
    await store.close()


class TestRedisStore(StoreContract):
    @pytest.fixture
    def store(self, store: RedisStore) -> RedisStore:
        return store
