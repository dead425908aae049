"""What tokens cost: integer picodollars a token, so that sums are exact and cost no rounding."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import msgspec

from proxy.errors import Invalid

PICOUSD = 10**12  # in one USD
DEAREST = 10**6  # USD per million tokens; a typing error beyond

Amount = str | float | Decimal


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Picousd per token of each kind, and per request where a provider charges for that too."""

    input: int
    cached_input: int
    cache_write: int
    output: int
    reasoning: int
    request: int = 0


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of all tokens of a request with more than `above` input tokens."""

    above: int
    rates: Rates


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A model's price; `tiers` rise. `source` names the table's entry, or says "override"."""

    rates: Rates
    tiers: tuple[Tier, ...] = ()
    source: str

    def __post_init__(self) -> None:
        bounds = [tier.above for tier in self.tiers]
        if bounds != sorted(set(bounds)):
            raise Invalid("the tiers of a price rise")


def override(
    *,
    input: Amount,  # noqa: A002 - the file's own word
    output: Amount,
    cached_input: Amount | None = None,
    cache_write: Amount | None = None,
) -> Price:
    """A price out of crossfade.yaml, in USD per million tokens.

    Cached input and cache writes cost what input does unless they are given. Refuses what is
    no number, negative or over DEAREST.
    """
    fresh = _checked(input)
    rates = Rates(
        input=fresh,
        cached_input=fresh if cached_input is None else _checked(cached_input),
        cache_write=fresh if cache_write is None else _checked(cache_write),
        output=_checked(output),
        reasoning=_checked(output),
    )
    return Price(rates=rates, source="override")


def per_token(usd_per_million: Decimal) -> int:
    """USD per million tokens as picousd per token, rounded to a whole one."""
    return round(usd_per_million * PICOUSD / 10**6)


def _checked(amount: Amount) -> int:
    try:
        usd = Decimal(str(amount))
    except InvalidOperation:
        raise Invalid("a price is a number") from None
    if not usd.is_finite() or not 0 <= usd <= DEAREST:
        raise Invalid(f"a price is 0 to {DEAREST} USD per million tokens")
    return per_token(usd)
