"""Numbers and times as people read them, short enough for a column. Pure."""

from __future__ import annotations

from control.guard.amounts import digits
from control.words.criteria import Metric

RATES = (Metric.ERROR_RATE, Metric.AVAILABILITY, Metric.TRUNCATION_RATE)
MOST = 9.99

Interval = tuple[float | None, float | None]


def percent(value: float) -> str:
    """A percent with at most two decimals."""
    return f"{value:g} %"


def to_the_second(at: str) -> str:
    """UTC from month to second: with the year the tables would not fit into 80 columns."""
    return at[5:19]


def figure(metric: Metric, value: float | None) -> str:
    """A metric's value in its unit; a dash where there is none."""
    if value is None:
        return "-"
    match metric:
        case Metric.COST_PER_REQUEST:
            return f"${digits(value, 2)}"
        case Metric.QUALITY:
            return f"{value:.3f}"
        case Metric.TOKENS_PER_REQUEST:
            return f"{value:,.0f}"
        case rate if rate in RATES:
            return f"{value:.2%}"
        case _:
            return f"{value:.2f}s" if value >= 1 else f"{value * 1_000:.0f}ms"


def between(interval: Interval, metric: Metric | None = None) -> str:
    """An interval in a metric's unit, or plain; a side that is not bounded yet is a question.

    Nothing where neither side is.
    """
    if interval == (None, None):
        return ""
    low, high = (_side(side, metric) for side in interval)
    return f"{low}..{high}"


def evidence(seen: float | None, threshold: float) -> str:
    """How much of the evidence that a breach takes is there: 100 % is a breach."""
    if seen is None or threshold <= 0:
        return "0 %"
    return f"{max(0.0, min(seen / threshold, MOST)) * 100:.0f} %"


def _side(side: float | None, metric: Metric | None) -> str:
    if side is None:
        return "?"
    return f"{side:.2f}" if metric is None else figure(metric, side)
