"""What a migration costs a Redis: a day of quarters of an hour, its history, its document."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from control.measures.fold import Fold
from control.store.redis import RedisStore
from proxy.delta import Delta, Window
from proxy.exchange import Outcome
from proxy.numbers.hdr import encode, filled
from proxy.numbers.histogram import Histogram
from proxy.policy import ArmName, Dialect
from proxy.redis.link import Link
from tests.control.store.contract import commit
from tests.doubles.patience import patient
from tests.doubles.redis_server import RedisServer

QUARTERS = 96
REQUESTS = 2_000  # of an arm in a quarter of an hour
EVENTS = 50  # of one day


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[Link]:
    link = patient(redis.url)
    yield link
    await link.close()


def spread(draw: random.Random, median_us: float, count: int) -> bytes:
    """As model APIs answer: most within a factor of three, some far out."""
    histogram = Histogram()
    for _ in range(count):
        histogram.record(int(draw.lognormvariate(0, 0.7) * median_us))
    return encode(filled(histogram))


def windows(draw: random.Random, epoch: int) -> tuple[Window, ...]:
    return tuple(
        Window(
            migration="triage",
            arm=arm,
            dialect=Dialect.OPENAI,
            epoch=epoch,
            outcomes={Outcome.OK: REQUESTS, Outcome.UPSTREAM_ERROR: 20},
            durations={
                Outcome.OK: spread(draw, 2e6, REQUESTS),
                Outcome.UPSTREAM_ERROR: spread(draw, 1e5, 20),
            },
            first_token=spread(draw, 4e5, REQUESTS),
            gaps=spread(draw, 2e4, REQUESTS),
            overhead=spread(draw, 200, REQUESTS),
        )
        for arm in ArmName
    )


async def test_a_day_of_a_migration_is_less_than_a_megabyte(redis: RedisServer, link: Link) -> None:
    draw = random.Random(14)
    fold = Fold()
    for quarter in range(QUARTERS):
        at_ms = quarter * 900_000
        epoch = 1 + quarter // 16  # six steps of a ramp
        delta = Delta(
            worker="one", boot="b", seq=quarter + 1, at_ms=at_ms, windows=windows(draw, epoch)
        )
        fold.add(delta, at_ms)
    store = RedisStore(link)
    assert await store.roll_up(fold.encode(), up_to="1-1", expected="")
    for version in range(1, EVENTS + 1):
        await commit(store, version)
    names = redis.cli("KEYS", "*").split()
    used = {name: int(redis.cli("MEMORY", "USAGE", name, "SAMPLES", "0")) for name in names}
    assert sum(used.values()) < 1_000_000
