"""proxy/prices.py: exact sums in picodollars."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.exchange import Usage
from proxy.prices import DEAREST, PICOUSD, Price, Rates, Tier, cost_picousd, override

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


@pytest.mark.parametrize("bounds", [(2, 1), (1, 1)])
def test_tiers_that_do_not_rise_are_refused(bounds: tuple[int, int]) -> None:
    tiers = tuple(Tier(above=bound, rates=FLAT) for bound in bounds)
    with pytest.raises(Invalid, match="rise"):
        Price(rates=FLAT, tiers=tiers, source="test")


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


def test_the_files_usd_per_million_become_exact_picousd_per_token() -> None:
    price = override(input=0.15, cached_input=0.075, output="0.60")
    assert price.source == "override"
    assert price.rates == Rates(
        input=150_000, cached_input=75_000, cache_write=150_000, output=600_000, reasoning=600_000
    )
    million = Usage(input=1_000_000, output=1_000_000)
    assert cost_picousd(price, million) == PICOUSD * 75 // 100


def test_cached_input_costs_what_input_does_unless_it_is_given() -> None:
    plain = override(input=2, output=Decimal(8)).rates
    assert (plain.cached_input, plain.cache_write) == (plain.input, plain.input)
    assert override(input=2, output=8, cache_write=2.5).rates.cache_write == 2_500_000


@pytest.mark.parametrize(
    "amount", [-0.01, float("inf"), float("nan"), DEAREST + 1, "1e99", "", True]
)
def test_what_is_no_price_is_refused(amount: float | str) -> None:
    with pytest.raises(Invalid, match="a price is"):
        override(input=amount, output=1)
