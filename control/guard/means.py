"""Limits on means: cost_per_request, tokens_per_request, by confidence sequences (4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from control.guard import amounts, formulas, intervals, lack
from control.guard.case import Case
from control.guard.finding import Finding, Question, Seen, Working
from control.guard.weighing import mixture
from control.stats.matching import matched
from control.stats.means import (
    ENOUGH,
    PLANNED,
    Moments,
    log_e_over,
    log_e_over_baseline,
    mean_interval,
    ratio_interval,
)
from control.words.criteria import Limit, Metric, Side
from control.words.evidence import Cell, Sums

Pair: TypeAlias = tuple[Moments, Moments]  # the candidate's and the baseline's

# Requests that all cost the same are no proof that the next one does: they are taken to be spread
# by 1 % of their mean, which also bounds what rounding does to a sum of squares.
LEAST_SPREAD = 0.01


def find(case: Case, question: Question) -> Finding:
    """Whether the mean of the candidate's requests is beyond the limit, or shown to be within."""
    limit = question.limit
    pairs = [_pair(cell, limit.metric) for cell in case.cells]
    ours, theirs = _arms(limit, pairs)
    begun = [_log_e(question, *_arms(limit, pairs[start:])) for start in case.starts]
    seen = _seen(question, ours, theirs)
    notes = [f"evidence is sharpest at {PLANNED:,} requests", *formulas.of_mean(PLANNED)]
    notes.append("since the first start:")
    notes.append(_sums("candidate", ours))
    if limit.side.relative:
        notes.append("weighted as the candidate's requests are spread over time:")
        notes.append(_sums("baseline", theirs))
    working = Working(
        test="a mean by its confidence sequence",
        log_e=mixture(case, begun).log_e,
        threshold=question.threshold,
        notes=tuple(notes),
        begun=tuple(begun),
        planned=case.planned,
    )
    return Finding(seen=seen, working=working, lack=_lack(case, limit, seen))


def _pair(cell: Cell, metric: Metric) -> Pair:
    return moments(cell.candidate, metric), moments(cell.baseline, metric)


def _arms(limit: Limit, pairs: Sequence[Pair]) -> Pair:
    """The candidate's and the baseline's sums; compared, in the candidate's mix of times.

    Costs that swing over the day would make a difference of their own as the weight changes.
    """
    ours, theirs = _pooled(pair[0] for pair in pairs), _pooled(pair[1] for pair in pairs)
    if not limit.side.relative:
        return ours, theirs
    both = matched(pairs)
    return both if both[1].count else (ours, both[1])


def moments(sums: Sums, metric: Metric) -> Moments:
    """One arm's requests of a known price, or of known tokens, in one cell."""
    count, total, squares = _of(sums, metric)
    least = total**2 / count * (1 + LEAST_SPREAD**2) if count else 0.0
    return Moments(count=count, total=total, squares=max(squares, least))


def _pooled(samples: Iterable[Moments]) -> Moments:
    count, total, squares = 0, 0.0, 0.0
    for each in samples:
        count, total, squares = count + each.count, total + each.total, squares + each.squares
    return Moments(count=count, total=total, squares=squares)


def _of(sums: Sums, metric: Metric) -> tuple[int, float, float]:
    if metric is Metric.COST_PER_REQUEST:
        return sums.priced, sums.cost_usd, sums.cost_squares
    return sums.with_usage, float(sums.tokens), sums.tokens_squares


def _log_e(question: Question, ours: Moments, theirs: Moments) -> float:
    limit = question.limit
    match limit.side:
        case Side.OVER:
            return log_e_over(ours, limit.number, question.alpha)
        case Side.UNDER:
            return log_e_over(_negative(ours), -limit.number, question.alpha)
        case Side.OVER_BASELINE:
            return log_e_over_baseline(ours, theirs, limit.number, question.alpha)
    mirrored = _negative(ours), _negative(theirs)
    return log_e_over_baseline(*mirrored, limit.number, question.alpha)


def _negative(sample: Moments) -> Moments:
    """The sample mirrored at 0: too little becomes too much."""
    return Moments(count=sample.count, total=-sample.total, squares=sample.squares)


def _seen(question: Question, ours: Moments, theirs: Moments) -> Seen:
    limit = question.limit
    candidate = ours.mean if ours.count else None
    baseline = theirs.mean if theirs.count else None
    if limit.side.relative:
        interval = ratio_interval(ours, theirs, question.alpha)
        bound = None if baseline is None else limit.number * baseline
    else:
        interval = mean_interval(ours, question.alpha)
        bound = limit.number
    return Seen(
        told=_told(limit, candidate, baseline, ours.count),
        baseline=baseline,
        candidate=candidate,
        ratio=intervals.over(candidate, baseline),
        bound=bound,
        interval=interval,
        baseline_samples=theirs.count,
        samples=ours.count,
    )


def _lack(case: Case, limit: Limit, seen: Seen) -> str | None:
    noun = _noun(limit.metric)
    step = (cell.candidate for cell in case.cells if cell.epoch >= case.step_since)
    here = sum(_of(sums, limit.metric)[0] for sums in step)
    lacking = case.stale or lack.of_count(here, case.min_requests, what=noun)
    if lacking is None and seen.samples < ENOUGH:
        lacking = f"a mean passes from {ENOUGH} {noun} on, since skewed ones look small before"
    if lacking is None and limit.side.relative and seen.baseline_samples < ENOUGH:
        lacking = f"the baseline had {seen.baseline_samples:,} of the {ENOUGH} {noun} it needs"
    return lacking or lack.of_interval(limit, seen.interval)


def _told(limit: Limit, candidate: float | None, baseline: float | None, count: int) -> str:
    if candidate is None:
        return ""
    told = f"the candidate's mean is {amounts.amount(limit.metric, candidate)}"
    told += f" over {count:,} {_noun(limit.metric)}"
    if limit.side.relative and baseline is not None:
        told += f", the baseline's {amounts.amount(limit.metric, baseline)}"
    return told


def _sums(name: str, sample: Moments) -> str:
    return f"{name}: n = {sample.count:,}, sum {sample.total:.6g}, squares {sample.squares:.6g}"


def _noun(metric: Metric) -> str:
    known = "price" if metric is Metric.COST_PER_REQUEST else "usage"
    return f"requests with a known {known}"
