"""Where a candidate's figure lies, for people to read: intervals that hold however often one looks.

None is a side that the counts do not bound yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from control.guard.counting import Row, totals
from control.stats import bernoulli
from control.stats.logarithms import threshold
from control.stats.sequential import GRID, Counts, log_e_absolute, log_e_relative

Interval: TypeAlias = tuple[float | None, float | None]

HALVINGS = 14  # of the whole range on a logarithmic scale: to 0.1 % of the value
LEAST_RATE = 1e-6
LEAST_RATIO, LARGEST_RATIO = 0.05, 19.0


def of_rate(hits: int, trials: int, alpha: float) -> Interval:
    """Where the chance of a hit lies, wrong with chance `alpha` at most."""
    if not trials:
        return None, None
    bar = threshold(alpha / 2)
    seen = min(max(hits / trials, LEAST_RATE), 1 - LEAST_RATE)
    low = _edge(seen, LEAST_RATE, lambda rate: log_e_absolute(hits, trials, rate) >= bar)
    high = _edge(seen, 1 - LEAST_RATE, lambda rate: _fewer(hits, trials, rate) >= bar)
    return low or 0.0, high


def of_ratio(rows: Sequence[Row], alpha: float) -> Interval:
    """Where the candidate's rate lies in times the baseline's, by the cells' observed shares.

    The cells of one weight epoch are taken together, as if nothing else had changed the share.
    """
    cells = _by_epoch(rows)
    swapped = [(1 - share, baseline, candidate) for share, candidate, baseline in cells]
    low, high = _least_ratio(cells, alpha / 2), _least_ratio(swapped, alpha / 2)
    return low, None if high is None else 1 / high


def of_difference(rows: Sequence[Row], alpha: float) -> Interval:
    """Where the candidate's rate lies above the baseline's."""
    candidate, baseline = totals(rows)
    ours, theirs = of_rate(*candidate, alpha / 2), of_rate(*baseline, alpha / 2)
    return less(ours[0], theirs[1]), less(ours[1], theirs[0])


def less(one: float | None, other: float | None) -> float | None:
    """The difference of two ends of intervals."""
    return None if one is None or other is None else one - other


def over(one: float | None, other: float | None) -> float | None:
    """The ratio of two ends of intervals."""
    return None if one is None or not other else one / other


def _fewer(hits: int, trials: int, null: float) -> float:
    """Evidence that the rate is below `null`."""
    grid = [null * 10 ** (-2 * j / GRID) for j in range(1, GRID + 1)]
    return bernoulli.log_e(hits, trials, bernoulli.weigh(null, grid))


def _least_ratio(cells: Sequence[Counts], alpha: float) -> float | None:
    bar = threshold(alpha)
    return _edge(LARGEST_RATIO, LEAST_RATIO, lambda ratio: log_e_relative(cells, ratio) >= bar)


def _by_epoch(rows: Sequence[Row]) -> list[Counts]:
    epochs: dict[int, list[Row]] = {}
    for row in rows:
        epochs.setdefault(row.epoch, []).append(row)
    sums = [totals(each) for each in epochs.values()]
    return [(n1 / (n1 + n0), k1, k0) for (k1, n1), (k0, n0) in sums if n1 + n0]


def _edge(kept: float, rejected: float, test: Callable[[float], bool]) -> float | None:
    """Where values begin to be rejected, None where not even the outermost one is."""
    if not test(rejected):
        return None
    for _ in range(HALVINGS):
        middle = (kept * rejected) ** 0.5
        kept, rejected = (kept, middle) if test(middle) else (middle, rejected)
    return rejected
