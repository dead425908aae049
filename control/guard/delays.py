"""Limits on quantiles of time: latency_p50/p95/p99, ttft_p50/p95/p99.

What is tested is the share of slow requests at a bound that was fixed beforehand; the quantiles
and their intervals are for people (statistics.md 4.2 a and b).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from control.guard import amounts, intervals, lack
from control.guard.case import Case
from control.guard.counting import US, Row, of_first_token, of_latency, rows, totals
from control.guard.finding import Finding, Question, Seen, Working, unasked
from control.guard.weighing import Weighed, against_baseline, against_bound, lesser
from control.stats.quantiles import quantile_interval
from control.words.criteria import Limit, Metric
from control.words.evidence import Cell
from proxy.numbers.histogram import Histogram
from proxy.policy import ArmName

Both: TypeAlias = tuple[float | None, float | None]  # the candidate's and the baseline's


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """What a metric of time is about: a quantile, of streams' first tokens or of whole answers."""

    quantile: float
    first_token: bool

    @property
    def noun(self) -> str:
        return "streams" if self.first_token else "requests"

    @property
    def name(self) -> str:
        return f"p{100 * self.quantile:.0f}"

    def pooled(self, cells: Iterable[Cell], arm: ArmName) -> Histogram:
        """One arm's times in all these cells."""
        whole = Histogram()
        for cell in cells:
            sums = cell.arm(arm)
            whole.merge(sums.ttft if self.first_token else sums.latency)
        return whole

    def quantile_s(self, histogram: Histogram) -> float | None:
        """Where the quantile lies, in seconds."""
        us = histogram.percentiles([100 * self.quantile])[0]
        return None if us is None else us / US


DELAYS: Mapping[Metric, Delay] = {
    Metric.LATENCY_P50: Delay(quantile=0.5, first_token=False),
    Metric.LATENCY_P95: Delay(quantile=0.95, first_token=False),
    Metric.LATENCY_P99: Delay(quantile=0.99, first_token=False),
    Metric.TTFT_P50: Delay(quantile=0.5, first_token=True),
    Metric.TTFT_P95: Delay(quantile=0.95, first_token=True),
    Metric.TTFT_P99: Delay(quantile=0.99, first_token=True),
}


def find(case: Case, question: Question) -> Finding:
    """Whether more of the candidate's requests are slow than the limit on a quantile allows."""
    limit = question.limit
    bound_s = case.anchors.get(limit.key) if limit.side.relative else limit.number
    if bound_s is None:
        return unasked(question, "too little was measured of the baseline before the step")
    delay = DELAYS[limit.metric]
    counting = of_first_token if delay.first_token else of_latency
    counts = rows(case.cells, counting(bound_s))
    seen = _seen(case, question, counts, bound_s)
    working = _working(case, question, counts, bound_s)
    return Finding(seen=seen, working=working, lack=_lack(case, limit, counts, seen))


def _working(case: Case, question: Question, counts: Sequence[Row], bound_s: float) -> Working:
    limit = question.limit
    allowed = 1 - DELAYS[limit.metric].quantile
    weighed = _weighed(case, limit, counts, allowed)
    notes = [f"slow: failed, or over x0 = {amounts.seconds(bound_s)}"]
    notes.append(f"share of slow ones allowed {amounts.percent(allowed)}")
    if limit.side.relative:
        notes.append(f"and {limit.number:g} times the baseline's; the weaker evidence counts:")
    return Working(
        test="slow requests",
        log_e=weighed.log_e,
        threshold=question.threshold,
        notes=(*notes, *weighed.formula),
        rows=tuple(counts),
        starts=case.starts,
        begun=weighed.begun,
        planned=case.planned,
    )


def _weighed(case: Case, limit: Limit, counts: Sequence[Row], allowed: float) -> Weighed:
    """Against the baseline both must be shown: slower than the bound, and slower than it is.

    The bound alone would blame the candidate for an hour in which both are slow; the comparison
    alone would fail one that is slower than the baseline and still within the limit.
    """
    beyond = against_bound(case, counts, allowed)
    if not limit.side.relative:
        return beyond
    return lesser(beyond, against_baseline(case, counts, limit.number))


def _seen(case: Case, question: Question, counts: Sequence[Row], bound_s: float) -> Seen:
    limit = question.limit
    delay = DELAYS[limit.metric]
    ours = delay.pooled(case.cells, ArmName.CANDIDATE)
    theirs = delay.pooled(case.cells, ArmName.BASELINE)
    candidate, baseline = delay.quantile_s(ours), delay.quantile_s(theirs)
    interval = _interval(delay, ours, question.alpha)
    if limit.side.relative:
        other = _interval(delay, theirs, question.alpha)
        interval = intervals.over(interval[0], other[1]), intervals.over(interval[1], other[0])
    return Seen(
        told=_told(limit, counts, (candidate, baseline), bound_s),
        baseline=baseline,
        candidate=candidate,
        ratio=intervals.over(candidate, baseline),
        bound=bound_s,
        interval=interval,
        baseline_samples=totals(counts)[1][1],
        samples=totals(counts)[0][1],
    )


def _interval(delay: Delay, histogram: Histogram, alpha: float) -> intervals.Interval:
    low, high = quantile_interval(histogram, delay.quantile, alpha)
    return (None if low is None else low / US), (None if high is None else high / US)


def _lack(case: Case, limit: Limit, counts: Sequence[Row], seen: Seen) -> str | None:
    lacking = lack.of_rows(case, counts, what=DELAYS[limit.metric].noun)
    if lacking is None and limit.side.relative:
        lacking = lack.of_comparison(counts)
    if lacking is None and (seen.interval is None or seen.interval[1] is None):
        lacking = (
            f"{seen.samples:,} {DELAYS[limit.metric].noun} are too few to bound {limit.metric}"
        )
    return lacking


def _told(limit: Limit, counts: Sequence[Row], both_s: Both, bound_s: float) -> str:
    ours, theirs = totals(counts)
    if not ours[1]:
        return ""
    delay, relative = DELAYS[limit.metric], limit.side.relative
    what = "had no token after" if delay.first_token else "took over"
    told = f"{amounts.of(*ours, delay.noun)} failed or {what} {amounts.seconds(bound_s)}"
    if relative and theirs[1]:
        told += f", {amounts.percent(theirs[0] / theirs[1])} of the baseline's"
    elif not relative:
        told += f", {100 * (1 - delay.quantile):.0f} % are allowed to"
    return _quantiles(delay, both_s, relative=relative) + told


def _quantiles(delay: Delay, both_s: Both, *, relative: bool) -> str:
    candidate, baseline = both_s
    if candidate is None:
        return "of the candidate's "
    told = f"the candidate's {delay.name} is {amounts.seconds(candidate)}"
    if relative and baseline is not None:
        told += f", the baseline's {amounts.seconds(baseline)}"
    return f"{told}; "
