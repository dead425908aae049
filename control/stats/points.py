"""Whether the candidate's rate is more than so many points above the baseline's, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log, log1p
from typing import TypeAlias

from control.stats.logarithms import log_mean
from control.stats.sequential import GRID, TOP_RATIO

Hits: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""One cell: the candidate's hits and trials, and the baseline's hits and trials."""

# True ratios from 1.02 on: a few points above a high rate are a small ratio.
_STEPS = tuple(0.02 * ((TOP_RATIO - 1) / 0.02) ** (j / (GRID - 1)) for j in range(GRID))


def log_e_points(cells: Iterable[Hits], starts: Sequence[int], margin: float) -> list[float]:
    """Evidence against "the candidate's rate is at most `margin` above the baseline's".

    One number for each start, an index into the cells, in one pass. The baseline's rate need not
    be known and may differ from cell to cell: each cell's factor
    exp(a*k1 + b*k0 - margin*n1*(e^a - 1)), with n1*(e^a - 1) + n0*(e^b - 1) = 0, has a mean of 1 at
    most whatever that rate is, since 1 + x <= e^x. At a margin of 0 it is the relative test of
    ratio 1. A cell in which an arm had no trials adds nothing. Refuses with ValueError: a margin
    that is not between -1 and 1, impossible counts, and negative starts.
    """
    if not -1 < margin < 1:
        raise ValueError(f"a difference of rates is between -1 and 1, not {margin}")
    if any(start < 0 for start in starts):
        raise ValueError(f"a start lies before the first cell: {starts}")
    known = list(cells)
    sums = [0.0] * GRID
    found = dict.fromkeys((start for start in starts if start >= len(known)), 0.0)
    for index in range(len(known) - 1, min(starts, default=len(known)) - 1, -1):
        _add(sums, known[index], margin)
        if index in starts:
            found[index] = log_mean(sums)
    return [found[start] for start in starts]


def _add(sums: list[float], cell: Hits, margin: float) -> None:
    (k1, n1), (k0, n0) = cell
    if not (0 <= k1 <= n1 and 0 <= k0 <= n0):
        raise ValueError(f"no hits and trials: {cell}")
    if not n1 or not n0:
        return
    share = n1 / (n1 + n0)
    for j, step in enumerate(_STEPS):
        loss = log1p(share * step)  # e^a = rho / (1 + w*(rho - 1)), e^b = 1 / (1 + w*(rho - 1))
        price = margin * n1 * (1 - share) * step / (1 + share * step)
        sums[j] += k1 * (log(1 + step) - loss) - k0 * loss - price
