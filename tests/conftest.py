"""Fixtures that every test may use: two model APIs to move between, a Redis, the collector."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.doubles.redis_server import RedisServer
from tests.doubles.upstream import Server


@pytest.fixture
async def old() -> AsyncIterator[Server]:
    """The model API that the baseline is served by."""
    async with Server("old") as server:
        yield server


@pytest.fixture
async def new() -> AsyncIterator[Server]:
    """The model API that the candidate is served by."""
    async with Server("new") as server:
        yield server


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One real Redis for all tests that do it no harm."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """A real Redis with nothing in it, which the test neither stops nor reconfigures."""
    shared_redis.cli("FLUSHALL")
    return shared_redis


@pytest.fixture
def collector() -> Iterator[None]:
    """Puts the collector back to where it was before something was served here."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
