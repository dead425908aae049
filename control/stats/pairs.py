"""Whether one side of paired comparisons loses more often: a sequential sign test."""

from __future__ import annotations

from control.stats import bernoulli
from control.stats.sequential import GRID

FAIR = 0.5
TOP_SHARE = 0.98


def log_e_discordant(worse: int, better: int, *, fair: float = FAIR) -> float:
    """Evidence against "of the pairs that differ, the candidate loses at most `fair`".

    `worse` are the pairs in which the candidate alone failed, lost or differed, `better` those in
    which the other did; ties are no evidence and are left out (sequential McNemar test,
    statistics.md 4.5). Refuses with ValueError: negative counts, and a fair share that is not
    between 0 and 0.98.
    """
    if not 0 < fair < TOP_SHARE:
        raise ValueError(f"a fair share is between 0 and {TOP_SHARE}, not {fair}")
    width = TOP_SHARE - fair
    grid = [fair + width * j / GRID for j in range(1, GRID + 1)]
    return bernoulli.log_e(worse, worse + better, bernoulli.weigh(fair, grid))
