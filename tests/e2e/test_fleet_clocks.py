"""Clocks of hosts that are hours apart, or jump: versions order everything, and time nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.desk.commit import Committed, Decide, Order, commit
from control.hosting.stored import opened
from control.migration import transitions
from control.migration.book import Book
from control.migration.ledger import Stamp, State, Verb
from control.refusal import Code, DeskError
from control.store import Store
from proxy.redis.address import parse
from tests.control.states import wanted
from tests.doubles.redis_server import RedisServer

NOON, EARLIER, LATER = (f"2026-01-02T{hour}:00:00.000Z" for hour in ("12", "11", "13"))


async def change(
    store: Store, at: str, share: int | None, expected: int | None = None
) -> Committed:
    """A change as of a clock that says `at`: of the weight, or (None) a registration."""

    def decide(known: State | None, _: Book, stamp: Stamp) -> State:
        if known is None:
            return transitions.register(known, wanted(), stamp, others=())
        assert share is not None
        return transitions.set_share(known, share, stamp)

    verb = Verb.APPLY if share is None else Verb.SET_WEIGHT
    return await _commit(store, verb, at, decide, expected)


async def _commit(
    store: Store, verb: Verb, at: str, decide: Decide, expected: int | None = None
) -> Committed:
    order = Order(verb=verb, name="triage", actor="jane@desk", at=at, expected_version=expected)
    return await commit(store, order, decide)


async def test_a_clock_that_jumps_an_hour_orders_nothing(tmp_path: Path) -> None:
    """Failure case 75: the later version wins, whatever the writers' clocks say."""
    with RedisServer(tmp_path / "redis") as redis:
        async with opened(parse(redis.url)) as one, opened(parse(redis.url)) as other:
            await change(one, NOON, None)
            await change(other, LATER, 1_000)
            last = await change(one, EARLIER, 2_000)
            assert (last.version, last.state.route.split.share) == (3, 2_000)
            with pytest.raises(DeskError) as stale:
                await change(other, LATER, 9_000, expected=2)
            assert (stale.value.code, stale.value.current) == (Code.VERSION_CONFLICT, 3)
            history = await other.history("triage", 10)
    assert [(event.version, event.at) for event in history] == [
        (3, EARLIER),
        (2, LATER),
        (1, NOON),
    ]


async def test_a_rollback_by_a_slow_clock_latches_all_the_same(tmp_path: Path) -> None:
    """Failure case 75: an automatic change with a fast clock comes too late by its version."""

    def back(known: State | None, _: Book, stamp: Stamp) -> State:
        assert known is not None
        return transitions.roll_back(known, stamp)

    with RedisServer(tmp_path / "redis") as redis:
        async with opened(parse(redis.url)) as one, opened(parse(redis.url)) as other:
            await change(one, NOON, None)
            await change(one, LATER, 1_000)
            done = await _commit(other, Verb.ROLLBACK, EARLIER, back)
            assert done.state.entry.latched
            with pytest.raises(DeskError) as refused:
                await change(one, LATER, 2_000)
            assert refused.value.code is Code.LATCHED
            assert done.state.entry.since.at == EARLIER
