"""Evidence on a probability: how much better a grid of others explains the counts than it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log, log1p
from typing import TypeAlias

from control.stats.logarithms import log_mean

Weights: TypeAlias = Sequence[tuple[float, float]]
"""For each probability of a grid, what a success and what a failure say for it; in nats."""


def weigh(null: float, grid: Iterable[float]) -> Weights:
    """What successes and failures say for each probability of a grid, and against `null`.

    Refuses probabilities that are not between 0 and 1 with ValueError.
    """
    alternatives = list(grid)
    for each in (null, *alternatives):
        if not 0 < each < 1:
            raise ValueError(f"a probability to test is between 0 and 1, not {each}")
    rest = log1p(-null)
    return [(log(each / null), log1p(-each) - rest) for each in alternatives]


def log_e(successes: float, trials: float, weights: Weights) -> float:
    """The log e-value against `null`: the mean likelihood ratio of the grid's probabilities.

    With the whole grid above `null` it is valid against every probability up to `null`, and with
    the whole grid below, against every one from `null` on. Refuses with ValueError: counts that
    are below 0 or more than the trials, and an empty grid.
    """
    failures = trials - successes
    if not (successes >= 0 and failures >= 0):
        raise ValueError(f"{successes} successes of {trials} trials")
    return log_mean([successes * gain + failures * loss for gain, loss in weights])


def climb(probability: float, top: float, points: int) -> list[float]:
    """A geometric grid from above `probability` up to and including `top`."""
    return [probability * (top / probability) ** (j / points) for j in range(1, points + 1)]
