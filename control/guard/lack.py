"""Why a limit cannot be passed yet: nothing measured, too little, too old. No data is no pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from control.guard import amounts
from control.guard.case import Case
from control.guard.counting import Row
from control.guard.intervals import Interval
from control.words.criteria import Limit, Scale, Side

SPARED_S = 60.0  # an open breaker shows with the next request that it keeps back


def of_rows(case: Case, rows: Sequence[Row], *, what: str = "requests") -> str | None:
    """What the candidate's counts lack, None where they will do; `what` is what they count."""
    here = sum(row.candidate_trials for row in rows if row.epoch >= case.step_since)
    return case.stale or of_count(here, case.min_requests, what=what)


def of_comparison(rows: Sequence[Row]) -> str | None:
    """What a comparison lacks: cells in which both arms had traffic."""
    if any(0 < row.share < 1 for row in rows):
        return None
    return "there is no baseline traffic beside the candidate's to compare it with"


def of_count(count: int, needed: int, *, what: str = "requests") -> str | None:
    """Too few, in this step."""
    if not count:
        return f"the candidate had no {what} in this step, and no data is no pass"
    if count < needed:
        return f"the candidate had {count:,} of the {needed:,} {what} that a step needs"
    return None


def of_workers(spared_at_s: float | None, now_s: float) -> str | None:
    """Workers that keep requests from the candidate, as of late: what they would see is missing."""
    if spared_at_s is None or now_s - spared_at_s > SPARED_S:
        return None
    return "open breakers of workers to be closed (pause and resume, or rollback)"


def of_interval(limit: Limit, interval: Interval | None) -> str | None:
    """What keeps a mean from a pass: the part of its interval that lies beyond the limit."""
    low, high = interval or (None, None)
    if limit.side in (Side.OVER, Side.OVER_BASELINE):
        within = high is not None and high <= _mark(limit)
    else:
        within = low is not None and low >= _mark(limit)
    return None if within else f"not yet shown to be within the limit: {_span(limit, low, high)}"


def _mark(limit: Limit) -> float:
    """The limit in the unit of its interval: a figure, a ratio, or a difference."""
    return -limit.number if limit.scale is Scale.POINTS else limit.number


def _span(limit: Limit, low: float | None, high: float | None) -> str:
    match limit.scale:
        case Scale.FACTOR:
            return _between("the ratio", low, high, lambda value: f"{amounts.digits(value)}x")
        case Scale.POINTS:
            return _between("the difference", low, high, amounts.points)
    return _between("the mean", low, high, lambda value: amounts.amount(limit.metric, value))


def _between(
    what: str, low: float | None, high: float | None, written: Callable[[float], str]
) -> str:
    """Where it lies, as far as that is known."""
    if low is None and high is None:
        return f"{what} is not known yet"
    if high is None:
        return f"{what} is {written(low or 0.0)} or more"
    if low is None:
        return f"{what} is {written(high)} or less"
    return f"{what} lies between {written(low)} and {written(high)}"
