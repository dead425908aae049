"""Many migrations at once, judged by the tests themselves.

Whether counts alarm is asked of the shipped functions: either through the frontier of their alarm
region, or through `relative` and `log_mean` below, which a test compares with them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from control.stats.sequential import GRID, TOP_RATIO

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
_CHUNK = 256


def most_alarms(alpha: float, runs: int) -> float:
    """How many of so many healthy runs may alarm, if the level holds: 3 standard errors more."""
    return alpha * runs + 3 * sqrt(runs * alpha * (1 - alpha))


def frontier(log_e: Callable[[int, int], float], bar: float, length: int) -> Ints:
    """For each number of the baseline's errors, the fewest of the candidate's that alarm."""
    fewest, found = 0, []
    for theirs in range(length):
        while log_e(fewest, theirs) < bar:
            fewest += 1
        found.append(fewest)
    return np.array([*found, NEVER])


def race(
    rng: np.random.Generator,
    frontier: Ints,
    *,
    share: float,
    rates: tuple[float, float],
    runs: int,
    horizon: float,
) -> Floats:
    """The requests until each run's alarm, inf where there is none; looked at after every error.

    `rates` are the candidate's and the baseline's. As statistics.md has it: gaps between errors
    are geometric, and each error is the candidate's with its share of them.
    """
    error = share * rates[0] + (1 - share) * rates[1]
    alarms = np.full(runs, np.inf)
    open_runs = np.arange(runs)
    at, ours, theirs = np.zeros((3, runs, 1), dtype=np.int64)
    while open_runs.size:
        size = (open_runs.size, _CHUNK)
        whose = rng.random(size) < share * rates[0] / error
        at = at[:, -1:] + rng.geometric(error, size).cumsum(axis=1)
        ours = ours[:, -1:] + whose.cumsum(axis=1)
        theirs = theirs[:, -1:] + (~whose).cumsum(axis=1)
        needed = frontier[np.minimum(theirs, len(frontier) - 1)]
        hit = (ours >= needed) & (at <= horizon)
        found = hit.any(axis=1)
        alarms[open_runs[found]] = at[found, hit[found].argmax(axis=1)]
        going = ~found & (at[:, -1] <= horizon)
        open_runs, at, ours, theirs = open_runs[going], at[going], ours[going], theirs[going]
    return alarms


def relative(share: ArrayLike, ours: ArrayLike, theirs: ArrayLike, ratio: float = 1.0) -> Floats:
    """What a cell adds for each ratio of the grid, in a last axis: L_j of statistics.md 4.1."""
    w, k1, k0 = (np.asarray(each, dtype=np.float64)[..., None] for each in (share, ours, theirs))
    rho = ratio * (TOP_RATIO / ratio) ** (np.arange(1, GRID + 1) / GRID)
    loss = np.log1p(w * (ratio - 1)) - np.log1p(w * (rho - 1))
    total: Floats = (k1 + k0) * loss + k1 * np.log(rho / ratio)
    return total


def log_mean(logs: Floats) -> Floats:
    """`control.stats.logarithms.log_mean` over the last axis."""
    highest = logs.max(axis=-1)
    mean: Floats = highest + np.log(np.exp(logs - highest[..., None]).mean(axis=-1))
    return mean
