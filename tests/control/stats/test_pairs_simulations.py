"""The figures of statistics.md 4.5 by seeded simulation: pairs that differ, one by one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from control.stats.logarithms import threshold
from control.stats.pairs import log_e_discordant
from tests.control.stats.simulated import Floats, Ints, frontier, most_alarms


@cache
def region(alpha: float) -> Ints:
    return frontier(log_e_discordant, threshold(alpha), 3000)


def until_alarm(share: float, alpha: float, *, runs: int, pairs: int) -> Floats:
    """The pairs until each run's alarm, inf where there is none."""
    worse = np.random.default_rng(27).random((runs, pairs)) < share
    hit = worse.cumsum(axis=1) >= region(alpha)[np.minimum((~worse).cumsum(axis=1), 3000)]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, np.inf)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_equals_alarm_within_alpha(alpha: float) -> None:
    """4.5: .039 at alpha 5 %."""
    alarms = np.isfinite(until_alarm(0.5, alpha, runs=2000, pairs=3000)).sum()
    assert alarms <= most_alarms(alpha, 2000)


@pytest.mark.parametrize(("share", "median"), [(0.55, 1190), (0.6, 249), (0.7, 58), (0.8, 27)])
def test_a_loser_is_found_as_soon_as_the_page_says(share: float, median: int) -> None:
    """4.5: pairs without a tie until the alarm, alpha 1 %."""
    found = float(np.median(until_alarm(share, 0.01, runs=1000, pairs=5000)))
    assert found == pytest.approx(median, rel=0.15)
