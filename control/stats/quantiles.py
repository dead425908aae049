"""Where a quantile of latencies lies, and whether one arm's is too far above the other's.

Works on the histograms that workers merge; times are in microseconds. A quantile is a fraction
of 1 between 0.05 and 1: 0.95 is p95.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from math import inf, log
from typing import TypeAlias

from control.stats import bernoulli
from control.stats.logarithms import threshold
from proxy.numbers.histogram import HIGHEST_US, Histogram, slot_of, upper_edge

GRID = 16
WORST_TAIL = 0.95  # the most of an arm that the grid lets be slower than the quantile

Interval: TypeAlias = tuple[int | None, int | None]


def quantile_interval(histogram: Histogram, quantile: float, alpha: float) -> Interval:
    """Where a quantile lies, however often one looks, in microseconds; wrong with chance `alpha`.

    A side that the counts do not bound yet is None: for p99 the upper one, up to some 600 values.
    Keeps each edge of a slot that neither tail's evidence rejects (statistics.md 4.2 b), so both
    sides err outwards by a slot at most. Refuses with ValueError: a quantile that is not between
    0.05 and 1, an alpha that is not between 0 and 1.
    """
    bar = threshold(alpha) + log(2)  # half of alpha for each side
    count = histogram.count
    below, above = _tails(quantile)
    ranks = range(count + 1)
    # Evidence that the quantile is higher falls with the rank of an edge; that it is lower, climbs.
    low = bisect_left(ranks, True, key=lambda k: bernoulli.log_e(k, count, below) < bar) - 1
    high = bisect_left(ranks, True, key=lambda k: bernoulli.log_e(k, count, above) >= bar)
    running = list(accumulate(histogram.counts))
    return (
        None if low < 0 else _edge(bisect_left(running, low + 1) - 1),
        None if high > count else _edge(bisect_left(running, high)),
    )


def log_e_quantile(
    candidate: Histogram, baseline: Histogram, quantile: float, ratio: float
) -> float:
    """Evidence against "the candidate's quantile is at most `ratio` times the baseline's".

    The least, over all times x that the baseline's quantile could be, of the evidence that the
    candidate's lies above `ratio * x` and that the baseline's lies below x (statistics.md 4.2 c).
    Needs no threshold to be fixed beforehand, and two to seven times the requests of the
    slow-request test that decides. Slots count against the alarm. Refuses with ValueError: a
    quantile that is not between 0.05 and 1, a ratio that is not above 0 and finite.
    """
    if not 0 < ratio < inf:
        raise ValueError(f"a ratio of quantiles is above 0 and finite, not {ratio}")
    slow, fast = _tails(quantile)
    ours, theirs = list(accumulate(candidate.counts)), list(accumulate(baseline.counts))
    ranks = {(candidate.count, baseline.count)}  # at a time that nothing exceeds
    for slot in range(len(theirs)):
        reach = min(int(ratio * (upper_edge(slot) + 1)), HIGHEST_US)
        ranks.add((_rank(ours, slot_of(reach)), _rank(theirs, slot - 1)))
    return min(
        bernoulli.log_e(ours_below, candidate.count, slow)
        + bernoulli.log_e(theirs_below, baseline.count, fast)
        for ours_below, theirs_below in ranks
    )


def _tails(quantile: float) -> tuple[bernoulli.Weights, bernoulli.Weights]:
    """What says that less, and that more, than `quantile` of the values lie below an edge."""
    if not 1 - WORST_TAIL < quantile < 1:
        raise ValueError(f"a quantile to test is between 0.05 and 1, not {quantile}")
    tail = 1 - quantile
    decades = [10 ** (j / GRID) for j in range(1, GRID + 1)]
    more = [1 - min(tail * each, WORST_TAIL) for each in decades]
    less = [1 - tail / each for each in decades]
    return bernoulli.weigh(quantile, more), bernoulli.weigh(quantile, less)


def _edge(slot: int) -> int:
    return upper_edge(slot) if slot >= 0 else 0


def _rank(running: list[int], slot: int) -> int:
    if slot < 0 or not running:
        return 0
    return running[min(slot, len(running) - 1)]
