"""A Redis store's measurements: the contract, many pages, and what they cost in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control.store import StoreUnavailable
from control.store.redis_measures import PAGE, RedisMeasures
from proxy.redis import keys
from proxy.redis.link import Link
from proxy.source import SourceUnavailable
from proxy.source.redis import RedisSink
from tests.control.store.measures_contract import MeasuresContract, places
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
    link: Link, measures: RedisMeasures, sink: RedisSink
) -> None:
    for number in range(1, 501):
        await link.ask("XADD", keys.DELTAS, f"{number}-0", "delta", "old")
    await sink.push(flushed(1))
    kept = (await measures.measured("")).deltas
    assert flushed(1) in kept
    assert len(kept) < 200  # Redis lets go of whole nodes of a hundred


@pytest.mark.parametrize("up_to", ["garbage", "1", "-", "1-2-3", ""])
async def test_a_damaged_roll_up_is_unavailable(
    redis: RedisServer, measures: RedisMeasures, sink: RedisSink, up_to: str
) -> None:
    await sink.push(flushed(1))
    redis.cli("HSET", keys.ROLLUP, "state", "x", "up_to", up_to)
    with pytest.raises(StoreUnavailable, match="its roll-up is unsound"):
        await measures.measured("")


async def test_values_of_other_kinds_are_unavailable(
    redis: RedisServer, measures: RedisMeasures, sink: RedisSink
) -> None:
    for key in (keys.DELTAS, keys.ROLLUP, keys.scores("a"), keys.LEAD):
        redis.cli("SADD", key, "x")
    for refused in (
        measures.measured(""),
        measures.roll_up(b"x", up_to="1-1", expected=""),
        measures.scores("a", 0),
        measures.scored("a", b"x"),
        measures.lead("me", 1),
        measures.resign("me"),
    ):
        with pytest.raises(StoreUnavailable, match="Redis answers with an error"):
            await refused
    with pytest.raises(SourceUnavailable, match="Redis answers with an error"):
        await sink.push(flushed(1))


async def test_an_entry_of_something_else_in_the_stream_is_passed_over(
    redis: RedisServer, measures: RedisMeasures, sink: RedisSink
) -> None:
    redis.cli("XADD", keys.DELTAS, "*", "other", "x")
    await sink.push(flushed(1))
    assert (await measures.measured("")).deltas == (flushed(1),)


async def test_whoever_reads_while_another_rolls_up_misses_nothing(
    redis: RedisServer, link: Link, sink: RedisSink
) -> None:
    """A roll-up comes between the two questions of a reader."""
    store = RedisMeasures(link)
    found = await places(store, sink, 4)

    class Overtaken(RedisMeasures):
        overtaken = 0

        async def _deltas(self, place: str) -> tuple[tuple[bytes, ...], str]:
            answer = await super()._deltas(place)
            if self.overtaken < 2:
                held = ("", found[1])[self.overtaken]
                await store.roll_up(b"rolled", up_to=found[self.overtaken + 1], expected=held)
                self.overtaken += 1
            return answer

    assert await Overtaken(link).measured(found[0]) == (b"rolled", (flushed(4),), found[3])
