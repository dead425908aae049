"""What an exchange's tokens cost, by the price of its model."""

from __future__ import annotations

from msgspec.structs import astuple

from proxy.exchange import Usage
from proxy.numbers.prices import Price


def cost_picousd(price: Price, usage: Usage) -> int:
    """What this usage costs.

    `input` includes what was read from and written to the cache, `output` includes reasoning; parts
    that exceed their whole are charged as they are, and the rest as nothing.
    """
    rates = price.rates
    for tier in price.tiers:
        if usage.input > tier.above:
            rates = tier.rates
    # Whole numbers to the compiler too, which then multiplies them without asking.
    input_: int
    cached: int
    written: int
    output: int
    reasoning: int
    request: int
    input_, cached, written, output, reasoning, request = astuple(rates)
    fresh = usage.input - usage.cached_input - usage.cache_write
    spoken = usage.output - usage.reasoning
    return (
        (fresh * input_ if fresh > 0 else 0)
        + usage.cached_input * cached
        + usage.cache_write * written
        + (spoken * output if spoken > 0 else 0)
        + usage.reasoning * reasoning
        + request
    )
