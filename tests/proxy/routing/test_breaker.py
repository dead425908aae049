"""Failures in a row spare a candidate; a later weight epoch, and nothing else, ends that."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Outcome, Role
from proxy.policy import ArmName, Route, Snapshot, Split
from proxy.routing.breaker import FAILURES, Breaker
from tests.doubles.exchange import exchange
from tests.proxy.routes import route

BAD = [Outcome.UPSTREAM_ERROR, Outcome.UPSTREAM_TIMEOUT, Outcome.UPSTREAM_TRUNCATED]
NEUTRAL = [Outcome.CLIENT_ERROR, Outcome.CLIENT_CANCELLED, Outcome.PROXY_ERROR]


def triage(since: int = 7, share: int = 100) -> Route:
    return msgspec.structs.replace(route("triage"), split=Split(share=share, since=since))


def snapshot(*routes: Route, epoch: int = 1) -> Snapshot:
    return Snapshot(epoch=epoch, version=9, routes=routes)


def tripped(epoch: int = 7) -> Breaker:
    breaker = Breaker()
    breaker.follow(snapshot(triage(epoch)))
    for _ in range(FAILURES):
        breaker.failed("triage", epoch)
    return breaker


def test_it_opens_at_the_fifth_failure_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert not breaker.open(triage())
        breaker.failed("triage", 7)
    assert breaker.open(triage())
    assert breaker.opened() == ("triage",)
    assert breaker.trips == {"triage": 1}
    assert not breaker.open(route("other"))


def test_a_success_ends_a_row() -> None:
    breaker = Breaker(most=3)
    for _ in range(10):
        breaker.failed("triage", 7)
        breaker.failed("triage", 7)
        breaker.succeeded("triage", 7)
    assert not breaker.open(triage())
    breaker.succeeded("triage", 7)
    breaker.succeeded("other", 7)


@pytest.mark.parametrize("outcome", NEUTRAL)
def test_the_clients_and_our_own_failures_neither_add_to_a_row_nor_end_it(outcome: Outcome) -> None:
    breaker = Breaker(most=2)
    breaker.saw(exchange(Outcome.UPSTREAM_ERROR, epoch=7))
    for _ in range(10):
        breaker.saw(exchange(outcome, epoch=7))
    assert not breaker.open(triage())
    breaker.saw(exchange(Outcome.UPSTREAM_ERROR, epoch=7))
    assert breaker.open(triage())


@pytest.mark.parametrize("outcome", BAD)
def test_every_failure_of_the_upstream_counts(outcome: Outcome) -> None:
    breaker = Breaker(most=2)
    breaker.saw(exchange(outcome, epoch=7))
    breaker.saw(exchange(epoch=7))
    breaker.saw(exchange(outcome, epoch=7))
    assert not breaker.open(triage())
    breaker.saw(exchange(outcome, epoch=7))
    assert breaker.open(triage())


@pytest.mark.parametrize(
    "apart",
    [{"arm": ArmName.BASELINE}, {"arm": None}, {"counts": False}, {"role": Role.MIRROR}],
)
def test_only_a_candidates_own_exchanges_that_count_are_seen(apart: dict[str, object]) -> None:
    breaker = Breaker(most=1)
    breaker.saw(exchange(Outcome.UPSTREAM_ERROR, epoch=7, **apart))
    assert not breaker.open(triage())


def test_a_later_weight_closes_it_even_before_the_snapshot_is_followed() -> None:
    breaker = tripped(7)
    assert not breaker.open(triage(8))
    breaker.follow(snapshot(triage(8)))
    assert breaker.opened() == ()
    assert breaker.trips == {"triage": 1}


def test_a_snapshot_that_decides_nothing_leaves_it_open() -> None:
    breaker = tripped(7)
    breaker.follow(snapshot(triage(7), route("other")))
    assert breaker.open(triage(7))


def test_a_migration_that_is_gone_is_forgotten() -> None:
    breaker = tripped(7)
    breaker.failed("other", 3)
    breaker.follow(snapshot())
    assert breaker.opened() == ()


def test_a_new_epoch_of_the_document_closes_all_since_versions_may_begin_anew() -> None:
    breaker = tripped(7)
    breaker.follow(snapshot(triage(2), epoch=2))
    assert not breaker.open(triage(2))


def test_stragglers_of_an_earlier_weight_say_nothing_of_the_later_one() -> None:
    breaker = Breaker(most=2)
    breaker.failed("triage", 8)
    for _ in range(10):
        breaker.failed("triage", 7)
        breaker.succeeded("triage", 7)
    assert not breaker.open(triage(8))
    breaker.failed("triage", 8)
    assert breaker.open(triage(8))


def test_a_row_does_not_go_on_from_one_weight_to_the_next() -> None:
    breaker = Breaker(most=2)
    breaker.failed("triage", 7)
    breaker.failed("triage", 8)
    assert not breaker.open(triage(8))


def test_what_is_under_way_when_it_opens_does_not_open_it_again() -> None:
    breaker = tripped(7)
    for _ in range(20):
        breaker.failed("triage", 7)
    assert breaker.trips == {"triage": 1}
    breaker.succeeded("triage", 7)
    assert breaker.open(triage(7))
    for _ in range(FAILURES):
        breaker.failed("triage", 9)
    assert breaker.trips == {"triage": 2}
    assert breaker.open(triage(9))


@given(st.lists(st.sampled_from([True, False, None])))
def test_it_is_open_exactly_after_so_many_failures_in_a_row(seen: list[bool | None]) -> None:
    breaker, row, opened = Breaker(most=3), 0, False
    for good in seen:
        if good is None:
            breaker.saw(exchange(Outcome.CLIENT_CANCELLED, epoch=7))
        elif good:
            breaker.succeeded("triage", 7)
            row = 0
        else:
            breaker.failed("triage", 7)
            row += 1
        opened = opened or row >= 3
        assert breaker.open(triage()) is opened
