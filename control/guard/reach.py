"""Which regressions a limit can find in one step, told before it begins (statistics.md 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from control.guard.amounts import percent
from control.guard.delays import DELAYS
from control.guard.finding import Question
from control.guard.scope import RATES, untestable
from control.stats.planning import detectable_absolute, detectable_rate
from control.words.criteria import Limit, Metric, Scale

_MULTIPLES = (3.0, 2.0, 1.5, 1.25)  # of the usual rate: what a step misses is told as one of them


class Detectable(msgspec.Struct, frozen=True, kw_only=True):
    """What one limit finds in one step with a chance of 80 %, by that step's requests alone.

    The share of failed requests rises from `usual`, that of slow ones from what the limit allows;
    from `found` on it is seen, None where not even an outage is. `missed` is a rise of errors that
    mostly is not seen.
    """

    limit: str
    usual: float
    found: float | None
    missed: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outing:
    """One step's requests, both arms' and the candidate's, and the baseline's error rate."""

    requests: int
    candidate: int
    error_rate: float


def detectable(question: Question, outing: Outing, weight: float) -> Detectable | None:
    """What the limit can find, None for limits that are not about failures or time.

    `weight` is that of the start which the step begins, among all starts of the evidence.
    """
    limit = question.limit
    if untestable(limit) is not None or not _counts(limit):
        return None
    usual, found = _usual(limit, outing), _found(question, outing, weight)
    missed = None if limit.metric in DELAYS else _missed(usual, found)
    return Detectable(
        limit=limit.key,
        usual=usual,
        found=found,
        missed=missed,
        sentence=_sentence(limit, usual, found, missed),
    )


def _counts(limit: Limit) -> bool:
    return limit.metric in DELAYS or limit.metric in (Metric.ERROR_RATE, Metric.AVAILABILITY)


def _usual(limit: Limit, outing: Outing) -> float:
    """Today's share of hits; of slow requests, the one that the limit allows."""
    delay = DELAYS.get(limit.metric)
    return outing.error_rate if delay is None else 1 - delay.quantile


def _found(question: Question, outing: Outing, weight: float) -> float | None:
    limit, alpha = question.limit, question.alpha * weight
    if not outing.candidate:
        return None
    if limit.metric in RATES and limit.side.relative:
        return _compared(limit, outing, alpha)
    return detectable_absolute(outing.candidate, _bound(limit), alpha)


def _compared(limit: Limit, outing: Outing, alpha: float) -> float | None:
    """Against the baseline; a limit in points is taken as one in times of today's rate."""
    if outing.candidate == outing.requests:
        return None
    rate, ratio = outing.error_rate, limit.number
    if limit.scale is Scale.POINTS or limit.metric is Metric.AVAILABILITY:
        less = limit.number if limit.scale is Scale.POINTS else 1 - limit.number
        return detectable_absolute(outing.candidate, min(rate + less, 0.99), alpha)
    share = outing.candidate / outing.requests
    return detectable_rate(outing.requests, share, rate, alpha, ratio=ratio)


def _bound(limit: Limit) -> float:
    delay = DELAYS.get(limit.metric)
    if delay is not None:
        return 1 - delay.quantile
    return 1 - limit.number if limit.metric is Metric.AVAILABILITY else limit.number


def _missed(usual: float, found: float | None) -> float | None:
    """The largest round multiple that is at most half of what is found."""
    if found is None:
        return None
    return next((usual * each for each in _MULTIPLES if usual * each <= found / 2), None)


def _sentence(limit: Limit, usual: float, found: float | None, missed: float | None) -> str:
    slow = limit.metric in DELAYS
    if found is None:
        return f"sees no rise of {'slow requests' if slow else 'errors'}"
    if slow:
        return f"sees {percent(found)} slow requests, where {100 * usual:.0f} % may be"
    told = f"sees {percent(usual)} -> {percent(found)} errors"
    return told if missed is None else f"{told}, not {percent(usual)} -> {percent(missed)}"
