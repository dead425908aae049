"""Limits on shares of requests: error_rate, availability, truncation_rate."""

from __future__ import annotations

from collections.abc import Sequence

from control.guard import amounts, intervals, lack
from control.guard.case import Case
from control.guard.counting import Hits, Row, of_rate, part, rows, totals
from control.guard.finding import Finding, Question, Seen, Working
from control.guard.weighing import Weighed, against_baseline, against_bound, against_points
from control.stats.sequential import GRID
from control.words.criteria import Limit, Metric, Scale, Side


def find(case: Case, question: Question) -> Finding:
    """Whether the candidate fails, or is cut short, more often than the limit allows."""
    limit = question.limit
    counts = rows(case.cells, of_rate(limit.metric))
    working = _working(case, counts, question)
    lacking = lack.of_rows(case, counts, what=_noun(limit.metric))
    if limit.side.relative:
        lacking = lacking or lack.of_comparison(counts)
    return Finding(seen=_seen(counts, question), working=working, lack=lacking)


def _working(case: Case, counts: Sequence[Row], question: Question) -> Working:
    weighed, test, note = _tested(case, counts, question.limit)
    return Working(
        test=test,
        log_e=weighed.log_e,
        threshold=question.threshold,
        notes=(note, *weighed.formula),
        rows=tuple(counts),
        starts=case.starts,
        begun=weighed.begun,
        planned=case.planned,
    )


def _tested(case: Case, counts: Sequence[Row], limit: Limit) -> tuple[Weighed, str, str]:
    allowed = _allowed(limit)
    match _scale(limit):
        case Scale.PLAIN:
            note = f"rate allowed {amounts.percent(allowed)}; held against {GRID} higher rates r"
            return against_bound(case, counts, allowed), "a rate against a bound", note
        case Scale.FACTOR:
            note = f"ratio allowed {allowed:g}; held against {GRID} higher ratios r"
            weighed = against_baseline(case, counts, allowed)
            return weighed, "whose are the hits, by the observed share w", note
    note = f"difference allowed {amounts.points(allowed)}; held against {GRID} ratios r"
    return against_points(case, counts, allowed), "the difference of two rates, cell by cell", note


def _scale(limit: Limit) -> Scale:
    """Availability in x is a difference: at least f times the baseline's is at most 1 - f less."""
    turned = limit.metric is Metric.AVAILABILITY and limit.scale is Scale.FACTOR
    return Scale.POINTS if turned else limit.scale


def _allowed(limit: Limit) -> float:
    """The limit as one on failures: a rate, a ratio of rates or a difference of rates."""
    turned = limit.metric is Metric.AVAILABILITY and limit.scale is not Scale.POINTS
    return 1 - limit.number if turned else limit.number


def _seen(counts: Sequence[Row], question: Question) -> Seen:
    limit = question.limit
    ours, theirs = totals(counts)
    candidate, baseline = part(ours), part(theirs)
    interval = _interval(counts, question)
    if limit.metric is Metric.AVAILABILITY:
        candidate, baseline = intervals.less(1.0, candidate), intervals.less(1.0, baseline)
        interval = _turned(interval, whole=0.0 if limit.side.relative else 1.0)
    return Seen(
        told=_told(limit, ours, theirs),
        baseline=baseline,
        candidate=candidate,
        ratio=intervals.over(candidate, baseline),
        bound=_bound(limit, baseline),
        interval=interval,
        baseline_samples=theirs[1],
        samples=ours[1],
    )


def _interval(counts: Sequence[Row], question: Question) -> intervals.Interval:
    match _scale(question.limit):
        case Scale.PLAIN:
            return intervals.of_rate(*totals(counts)[0], question.alpha)
        case Scale.FACTOR:
            return intervals.of_ratio(counts, question.alpha)
    return intervals.of_difference(counts, question.alpha)


def _turned(interval: intervals.Interval, *, whole: float) -> intervals.Interval:
    """An interval of failures as one of what did not fail."""
    return intervals.less(whole, interval[1]), intervals.less(whole, interval[0])


def _bound(limit: Limit, baseline: float | None) -> float | None:
    """The limit in the metric's own unit, as the baseline stands now."""
    if not limit.side.relative:
        return limit.number
    if baseline is None:
        return None
    if limit.scale is Scale.FACTOR:
        return baseline * limit.number
    sign = 1 if limit.side is Side.OVER_BASELINE else -1
    return baseline + sign * limit.number


def _told(limit: Limit, ours: Hits, theirs: Hits) -> str:
    if not ours[1]:
        return ""
    noun = _noun(limit.metric)
    told = f"the candidate {_verb(limit.metric)} {amounts.of(*ours, noun)}"
    if limit.metric is Metric.TRUNCATION_RATE:
        told += " at a token limit"
    return f"{told}, the baseline {amounts.of(*theirs)}" if limit.side.relative else told


def _verb(metric: Metric) -> str:
    return "cut short" if metric is Metric.TRUNCATION_RATE else "failed"


def _noun(metric: Metric) -> str:
    return "answers" if metric is Metric.TRUNCATION_RATE else "requests"
