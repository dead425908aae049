"""What of an exchange weighs, and how tallies add up."""

from __future__ import annotations

import pytest

from proxy.exchange import Outcome, Role, UsageState
from proxy.policy import ArmName, Dialect
from proxy.recording.tally import Tally, together
from tests.doubles.exchange import exchange

CANDIDATE = ArmName.CANDIDATE


@pytest.fixture
def tally() -> Tally:
    return Tally("triage", CANDIDATE, Dialect.OPENAI)


def busy(epoch: int = 0) -> Tally:
    tally = Tally("triage", CANDIDATE, Dialect.OPENAI, epoch=epoch)
    tally.add(exchange(total_us=10_000))
    tally.add(exchange(Outcome.CLIENT_CANCELLED, usage_state=UsageState.ESTIMATED))
    tally.add(exchange(cost_picousd=None, length_stop=True))
    tally.add(exchange(counts=False))
    tally.gaps.record(500)
    return tally


def figures(tally: Tally) -> object:
    """Everything that a tally has counted."""
    counted, uncounted, weighed = (
        {name: getattr(part, name) for name in part.__slots__}
        for part in (tally.counted, tally.uncounted, tally.weighed)
    )
    times = [*tally.durations.values(), tally.first_token, tally.gaps, tally.overhead]
    return counted, uncounted, weighed, [(each.count, each.sum_us, each.counts) for each in times]


def test_what_weighs_has_its_sums_and_their_squares(tally: Tally) -> None:
    tally.add(exchange(cost_picousd=2 * 10**12))
    tally.add(exchange(cost_picousd=3 * 10**12))
    weighed = tally.weighed
    assert (weighed.with_usage, weighed.tokens, weighed.tokens_squares) == (2, 240, 2 * 120.0**2)
    assert (weighed.priced, weighed.cost_picousd, weighed.cost_squares) == (2, 5 * 10**12, 13.0)


def test_what_has_no_price_or_no_tokens_has_a_place_in_no_mean(tally: Tally) -> None:
    tally.add(exchange(cost_picousd=None))
    tally.add(exchange(usage=None, usage_state=None, cost_picousd=None))
    assert (tally.weighed.with_usage, tally.weighed.priced) == (1, 0)


@pytest.mark.parametrize("outcome", Outcome)
def test_what_clients_caused_or_broke_off_does_not_weigh(tally: Tally, outcome: Outcome) -> None:
    tally.add(exchange(outcome))
    eligible = {
        Outcome.OK,
        Outcome.UPSTREAM_ERROR,
        Outcome.UPSTREAM_TIMEOUT,
        Outcome.UPSTREAM_TRUNCATED,
    }
    assert tally.weighed.with_usage == (outcome in eligible)
    assert tally.counted.requests == 1


def test_answers_that_stopped_at_a_limit_of_tokens_are_counted(tally: Tally) -> None:
    tally.add(exchange(length_stop=True))
    tally.add(exchange(length_stop=True, usage=None, cost_picousd=None))
    tally.add(exchange())
    tally.add(exchange(Outcome.CLIENT_CANCELLED, length_stop=True))
    tally.add(exchange(length_stop=True, counts=False))
    assert tally.weighed.length_stops == 2


def test_one_kind_of_exchanges_is_one_sum_over_its_epochs() -> None:
    alone = Tally("triage", None, Dialect.OPENAI)
    mirrored = Tally("triage", CANDIDATE, Dialect.OPENAI, Role.MIRROR)
    summed = together([busy(3), alone, busy(0), mirrored, busy(7)])
    assert [each.role for each in summed] == [Role.PRIMARY, Role.PRIMARY, Role.MIRROR]
    assert summed[1] is alone
    assert summed[2] is mirrored
    expected = busy()
    expected.merge(busy())
    expected.merge(busy())
    assert figures(summed[0]) == figures(expected)
    assert summed[0].counted.requests == 9


def test_summing_leaves_the_parts_alone() -> None:
    parts = [busy(3), busy(7)]
    together(parts)
    assert figures(parts[0]) == figures(parts[1]) == figures(busy())


def test_whoever_holds_a_retired_tally_goes_on_counting_in_its_heir() -> None:
    old, rest = busy(3), busy(0)
    old.retire_into(rest)
    old.add(exchange())
    assert rest.counted.requests == 7
    assert rest.weighed.with_usage == 5
    assert rest.durations[Outcome.OK].count == 5
