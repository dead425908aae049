"""Exact sums in picodollars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Usage
from proxy.numbers.cost import cost_picousd
from proxy.numbers.prices import Price, Rates, Tier

FLAT = Rates(input=10, cached_input=1, cache_write=12, output=40, reasoning=50)
LONG = Rates(input=20, cached_input=2, cache_write=24, output=80, reasoning=100)
PRICE = Price(rates=FLAT, source="test")
TIERED = Price(rates=FLAT, tiers=(Tier(above=200_000, rates=LONG),), source="test")

counts = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(), 0),
        (Usage(input=7), 70),
        (Usage(input=7, cached_input=3), 43),
        (Usage(input=7, cached_input=3, cache_write=2), 20 + 3 + 24),
        (Usage(output=5), 200),
        (Usage(output=5, reasoning=2), 120 + 100),
        (Usage(input=7, cached_input=7, output=5, reasoning=5), 7 + 250),
    ],
)
def test_each_kind_of_token_has_its_own_rate_and_is_charged_once(usage: Usage, cost: int) -> None:
    assert cost_picousd(PRICE, usage) == cost


@pytest.mark.parametrize(
    ("usage", "cost"),
    [
        (Usage(input=3, cached_input=4), 4),
        (Usage(input=3, cached_input=2, cache_write=2), 2 + 24),
        (Usage(output=3, reasoning=4), 200),
    ],
)
def test_parts_beyond_their_whole_never_earn_money(usage: Usage, cost: int) -> None:
    assert cost_picousd(PRICE, usage) == cost


@pytest.mark.parametrize(("tokens", "rates"), [(200_000, FLAT), (200_001, LONG)])
def test_a_tier_holds_for_all_tokens_of_a_request_above_its_bound(
    tokens: int, rates: Rates
) -> None:
    cost = cost_picousd(TIERED, Usage(input=tokens, cached_input=1_000, output=9))
    assert cost == (tokens - 1_000) * rates.input + 1_000 * rates.cached_input + 9 * rates.output


def test_the_highest_tier_that_is_passed_holds() -> None:
    top = Rates(input=30, cached_input=3, cache_write=36, output=120, reasoning=150)
    tiers = (Tier(above=100, rates=LONG), Tier(above=200, rates=top))
    price = Price(rates=FLAT, tiers=tiers, source="test")
    assert [cost_picousd(price, Usage(input=n)) for n in (100, 200, 201)] == [1000, 4000, 6030]


def test_a_request_itself_may_have_a_price() -> None:
    rates = Rates(input=1, cached_input=1, cache_write=1, output=1, reasoning=1, request=500)
    assert cost_picousd(Price(rates=rates, source="test"), Usage(input=1)) == 501


@given(counts, counts, counts, counts, counts)
def test_more_tokens_never_cost_less(
    fresh: int, cached: int, written: int, spoken: int, reasoning: int
) -> None:
    usage = Usage(
        input=fresh + cached + written,
        cached_input=cached,
        cache_write=written,
        output=spoken + reasoning,
        reasoning=reasoning,
    )
    assert 0 <= cost_picousd(PRICE, usage) <= cost_picousd(TIERED, usage)
