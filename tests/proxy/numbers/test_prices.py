"""What tokens are charged at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from proxy.errors import Invalid
from proxy.exchange import Usage
from proxy.numbers.cost import cost_picousd
from proxy.numbers.prices import DEAREST, PICOUSD, Price, Rates, Tier, override

FLAT = Rates(input=10, cached_input=1, cache_write=12, output=40, reasoning=50)
LONG = Rates(input=20, cached_input=2, cache_write=24, output=80, reasoning=100)


@pytest.mark.parametrize("bounds", [(2, 1), (1, 1)])
def test_tiers_that_do_not_rise_are_refused(bounds: tuple[int, int]) -> None:
    tiers = tuple(Tier(above=bound, rates=FLAT) for bound in bounds)
    with pytest.raises(Invalid, match="rise"):
        Price(rates=FLAT, tiers=tiers, source="test")


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
