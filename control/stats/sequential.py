"""Whether the candidate fails more often than it may: against the baseline, or against a limit.

All results are natural logarithms of e-values: an alarm is `log_e >= threshold(alpha)`, and a
healthy candidate ever causes one with chance `alpha` at most, however often one looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isclose, log, log1p
from typing import TypeAlias

from control.stats import bernoulli
from control.stats.logarithms import log_mean, log_sum

GRID = 24  # how many true ratios (or rates) the evidence is spread over: J of statistics.md
TOP_RATIO = 20.0  # the worst candidate that the grid knows; still worse ones are found as soon

Counts: TypeAlias = tuple[float, int, int]
"""One cell: the candidate's observed share of the requests, its errors, the baseline's errors."""


def log_e_relative(
    cells: Iterable[Counts], ratio: float, *, points: int = GRID, top: float = TOP_RATIO
) -> float:
    """Evidence against "the candidate fails at most `ratio` times as often as the baseline".

    Looks at errors alone: whichever the common rate is, the candidate's share of them tells the
    ratio (Lindon & Malek 2022; statistics.md 4.1). A cell whose share is 0 or 1 compares nothing
    and adds nothing. Refuses with ValueError: a ratio that is not between 0 and `top`, a share
    outside 0 to 1, negative counts, and errors of an arm that had no requests.
    """
    return log_e_since(cells, (0,), ratio, points=points, top=top)[0]


def log_e_since(
    cells: Iterable[Counts],
    starts: Sequence[int],
    ratio: float,
    *,
    points: int = GRID,
    top: float = TOP_RATIO,
) -> list[float]:
    """For each start, the `log_e_relative` of the cells from that index on; all in one pass.

    A start past the last cell has seen nothing and gives 0. Refuses with ValueError what
    `log_e_relative` refuses, and negative starts.
    """
    if not 0 < ratio < top:
        raise ValueError(f"a ratio to test is between 0 and {top}, not {ratio}")
    if any(start < 0 for start in starts):
        raise ValueError(f"a start lies before the first cell: {starts}")
    known = list(cells)
    grid = bernoulli.climb(ratio, top, points)
    gains = [log(each / ratio) for each in grid]
    sums = [0.0] * points
    found = dict.fromkeys((start for start in starts if start >= len(known)), 0.0)
    for index in range(len(known) - 1, min(starts, default=len(known)) - 1, -1):
        _add(sums, known[index], ratio, grid, gains)
        if index in starts:
            found[index] = log_mean(sums)
    return [found[start] for start in starts]


def _add(
    sums: list[float], cell: Counts, ratio: float, grid: Sequence[float], gains: Sequence[float]
) -> None:
    share, candidate, baseline = cell
    if not (0 <= share <= 1 and candidate >= 0 and baseline >= 0):
        raise ValueError(f"no share and counts: {cell}")
    if (share == 0 and candidate) or (share == 1 and baseline):
        raise ValueError(f"errors of an arm without requests: {cell}")
    # With th = w*rho / (w*rho + 1 - w), both log(th/t0) and log((1-th)/(1-t0)) hold this term;
    # written so, nothing is lost at shares near 0 and 1.
    together = candidate + baseline
    if not together:
        return
    null = log1p(share * (ratio - 1))
    for j, rho in enumerate(grid):
        sums[j] += together * (null - log1p(share * (rho - 1))) + candidate * gains[j]


def multi_start(logs: Sequence[float], weights: Sequence[float]) -> float:
    """The evidence of several starts in one, so that a good past does not hide a late regression.

    The weights are those of all planned starts and sum to 1; `logs` are of those that have begun,
    and one that is to come counts as an e-value of 1. It is valid because the weights are fixed
    before the first look: the mean over the starts so far would not be. Refuses with ValueError:
    more starts than planned, and weights that are not above 0 or do not sum to 1.
    """
    if len(logs) > len(weights):
        raise ValueError(f"{len(logs)} starts where {len(weights)} are planned")
    if not (all(weight > 0 for weight in weights) and isclose(sum(weights), 1)):
        raise ValueError(f"no weights of starts: {weights}")
    if not logs:
        return 0.0
    waiting = weights[len(logs) :]
    begun = [log(weight) + each for weight, each in zip(weights, logs, strict=False)]
    return log_sum([*begun, log(sum(waiting))] if waiting else begun)


def log_e_absolute(errors: int, requests: int, limit: float, *, points: int = GRID) -> float:
    """Evidence against "the candidate's error rate is at most `limit`" (statistics.md 4.1).

    Refuses with ValueError: a limit that is not between 0 and 1, and impossible counts.
    """
    if not 0 < limit < 1:
        raise ValueError(f"a rate to test is between 0 and 1, not {limit}")
    weights = bernoulli.weigh(limit, bernoulli.climb(limit, top_rate(limit), points))
    return bernoulli.log_e(errors, requests, weights)


def top_rate(limit: float) -> float:
    """The highest rate that `log_e_absolute` holds against a limit."""
    return min(TOP_RATIO * limit, max(0.99, (1 + limit) / 2))
