"""Figures as a sentence has them: percents, times, money, odds. Units in, words out."""

from __future__ import annotations

from math import exp, floor, log, log10

from control.guard.scope import RATES
from control.words.criteria import Metric


def amount(metric: Metric, value: float) -> str:
    """A metric's figure with its unit: `5.0 %`, `1.24 s`, `0.0123 USD`, `1,240 tokens`, `0.912`."""
    match metric:
        case Metric.COST_PER_REQUEST:
            return f"{digits(value)} USD"
        case Metric.TOKENS_PER_REQUEST:
            return f"{value:,.0f} tokens"
        case Metric.QUALITY:
            return f"{value:.3f}"
    return percent(value) if metric in RATES else seconds(value)


def percent(fraction: float) -> str:
    """A fraction of 1 in percent: one decimal, or as many as its first two digits need."""
    value = 100 * fraction
    return f"{value:.1f} %" if value == 0 or value >= 0.1 else f"{digits(value, 2)} %"


def points(fraction: float) -> str:
    """A difference of two percents, with its sign: one decimal, or two digits."""
    value = 100 * abs(fraction)
    size = f"{value:.1f}" if value == 0 or value >= 0.95 else digits(value, 2)
    return f"{'-' if fraction < 0 else '+'}{size} pp"


def seconds(value: float) -> str:
    """A time: milliseconds below a second."""
    return f"{digits(value * 1_000)} ms" if value < 0.9995 else f"{digits(value)} s"


def digits(value: float, wanted: int = 3) -> str:
    """A number with so many digits at least, never as a power of ten: `0.0123`, `1.24`, `1,240`."""
    if not value:
        return "0"
    return f"{value:,.{min(max(wanted - 1 - floor(log10(abs(value))), 0), 12)}f}"


def of(hits: int, trials: int, noun: str = "") -> str:
    """So many of so many, and in percent: `37 of 742 requests (5.0 %)`."""
    part = f" ({percent(hits / trials)})" if trials else ""
    return f"{hits:,} of {trials:,}{noun and f' {noun}'}{part}"


def odds(log_odds: float) -> str:
    """How rare: `less than once in 12,000 migrations`, two digits, never rounded up."""
    if log_odds >= log(1e9):
        return "less than once in a billion migrations"
    times = exp(log_odds)
    unit = 10 ** max(floor(log10(times)) - 1, 0)
    return f"less than once in {floor(times / unit) * unit:,} migrations"
