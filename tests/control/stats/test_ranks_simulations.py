"""Mann and Whitney's test on histograms by seeded simulation (statistics.md 4.2 e)."""

from __future__ import annotations

import numpy as np

from control.stats.ranks import rank
from proxy.numbers.histogram import Histogram
from tests.control.stats.simulated import most_alarms


def times(rng: np.random.Generator, count: int, *, slow: float = 0.0) -> Histogram:
    """Log-normal times, a part of which takes ten times as long."""
    values = 2e6 * np.exp(0.8 * rng.standard_normal(count))
    values[: int(slow * count)] *= 10
    found = Histogram()
    for value in values:
        found.record(int(value))
    return found


def test_one_look_at_equals_alarms_within_alpha() -> None:
    """Two-sided, alpha 5 %."""
    rng, runs = np.random.default_rng(30), 300
    found = [rank(times(rng, 100), times(rng, 400)) for _ in range(runs)]
    alarms = sum(each is not None and abs(each.z or 0) > 1.96 for each in found)
    assert 0 < alarms <= most_alarms(0.05, runs)


def test_a_tail_of_five_percent_goes_unnoticed() -> None:
    """Why it only reports: p95 is ten times as high, the effect less than 3 points."""
    rng = np.random.default_rng(31)
    found = rank(times(rng, 2000, slow=0.05), times(rng, 2000))
    assert found is not None
    assert abs(found.effect - 0.5) < 0.05
