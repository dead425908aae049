"""Evidence on a probability: how much better a grid of others explains the counts than it does."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, log1p

from control.stats.logarithms import log_mean


def log_e(successes: float, trials: float, null: float, grid: Sequence[float]) -> float:
    """The log e-value against `null`: the mean likelihood ratio of the grid's probabilities.

    With the whole grid above `null` it is valid against every probability up to `null`, and with
    the whole grid below, against every one from `null` on. Refuses with ValueError: counts that
    are below 0 or more than the trials, and probabilities that are not between 0 and 1.
    """
    failures = trials - successes
    if not (successes >= 0 and failures >= 0):
        raise ValueError(f"{successes} successes of {trials} trials")
    for each in (null, *grid):
        if not 0 < each < 1:
            raise ValueError(f"a probability to test is between 0 and 1, not {each}")
    rest = log1p(-null)
    return log_mean(
        [successes * log(each / null) + failures * (log1p(-each) - rest) for each in grid]
    )


def heavier(probability: float, top: float, points: int) -> list[float]:
    """A geometric grid over `probability`, up to and including `top`."""
    return [probability * (top / probability) ** (j / points) for j in range(1, points + 1)]
