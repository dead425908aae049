"""Numbers that are known by their natural logarithms, so that no evidence is too large for them."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log


def log_sum(logs: Sequence[float]) -> float:
    """The logarithm of the sum of what these are the logarithms of; of nothing it is -inf."""
    highest = max(logs, default=-inf)
    if highest in (inf, -inf):
        return highest
    return highest + log(sum(exp(each - highest) for each in logs))


def log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of what these are the logarithms of; a ValueError for none."""
    if not logs:
        raise ValueError("nothing to average")
    return log_sum(logs) - log(len(logs))


def threshold(alpha: float) -> float:
    """What a log e-value must reach to be an alarm of chance `alpha` at most (Ville 1939).

    Refuses an alpha that is not between 0 and 1 with ValueError.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is between 0 and 1, not {alpha}")
    return -log(alpha)
