"""A Redis store's measurements: the contract, many pages, and what they cost in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control.store.redis_measures import PAGE, RedisMeasures
from proxy.redis import keys
from proxy.redis.link import Link
from proxy.source.redis import RedisSink
from tests.control.store.measures_contract import MeasuresContract
from tests.doubles.deltas import flushed
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


@pytest.fixture
def measures(link: Link) -> RedisMeasures:
    return RedisMeasures(link)


@pytest.fixture
def sink(link: Link) -> RedisSink:
    return RedisSink(link)


class TestRedisMeasures(MeasuresContract):
    @pytest.fixture
    def measures(self, measures: RedisMeasures) -> RedisMeasures:
        return measures


async def test_more_than_a_page_is_read_whole(measures: RedisMeasures, sink: RedisSink) -> None:
    pushed = [flushed(seq) for seq in range(1, 2 * PAGE + 2)]
    for data in pushed:
        await sink.push(data)
    assert list((await measures.measured("")).deltas) == pushed
    for number in range(PAGE + 1):
        await measures.scored("a", b"%d" % number)
    assert await measures.scores("a", 1) == tuple(b"%d" % n for n in range(1, PAGE + 1))


async def test_flushes_older_than_ten_minutes_are_let_go(
    redis: RedisServer, measures: RedisMeasures, sink: RedisSink
) -> None:
    for number in range(1, 501):
        redis.cli("XADD", keys.DELTAS, f"{number}-0", "delta", "old")
    await sink.push(flushed(1))
    kept = (await measures.measured("")).deltas
    assert flushed(1) in kept
    assert len(kept) < 200  # Redis lets go of whole nodes of a hundred
