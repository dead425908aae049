"""Which limits there is a test for, and why there is none for the others."""

from __future__ import annotations

from control.words.criteria import Limit, Metric, Scale, Side

RATES = frozenset({Metric.ERROR_RATE, Metric.AVAILABILITY, Metric.TRUNCATION_RATE})
MEANS = frozenset({Metric.COST_PER_REQUEST, Metric.TOKENS_PER_REQUEST})
_FALLING = frozenset({Metric.AVAILABILITY, Metric.QUALITY})
_IN_POINTS = RATES | {Metric.QUALITY}

LONGEST_S = 3_600.0  # what a histogram tells apart; everything longer is an hour
HIGHEST_FACTOR = 100.0


def untestable(limit: Limit) -> str | None:
    """Why no test exists for this limit, None where one does."""
    return _wrong_side(limit) or _wrong_scale(limit) or _wrong_number(limit)


def _wrong_side(limit: Limit) -> str | None:
    if limit.metric in MEANS:
        return None
    falling = limit.side in (Side.UNDER, Side.UNDER_BASELINE)
    if falling == (limit.metric in _FALLING):
        return None
    worse, side = ("higher", Side.OVER) if falling else ("lower", Side.UNDER)
    return f"{limit.metric} is worse when it is {worse}: write {side} or {side}_baseline"


def _wrong_scale(limit: Limit) -> str | None:
    if limit.scale is Scale.POINTS and limit.metric not in _IN_POINTS:
        return f"{limit.metric} is no percentage: against the baseline it is in x"
    return None


def _wrong_number(limit: Limit) -> str | None:
    if limit.scale is Scale.FACTOR:
        return _wrong_factor(limit)
    if limit.metric in _IN_POINTS and not 0 < limit.number < 1:
        return f"{limit.written} cannot be tested: it must lie between 0 and 100 percent"
    if limit.number <= 0:
        return f"{limit.written} cannot be tested: it must be more than 0"
    if limit.metric not in _IN_POINTS | MEANS and limit.number > LONGEST_S:
        return f"{limit.written} is longer than the hour that is told apart"
    return None


def _wrong_factor(limit: Limit) -> str | None:
    if not 0 < limit.number <= HIGHEST_FACTOR:
        return f"{limit.written} cannot be tested: a factor is more than 0 and at most 100"
    if limit.metric in _FALLING and limit.number >= 1:
        return f"{limit.written} asks {limit.metric} to be better than the baseline's: write less"
    return None
