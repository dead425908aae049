"""The figures of statistics.md 4.4 by seeded simulation: differences of paired scores.

On -1, -0.5, 0, 0.5 and 1 with chances 4, 13, 66, 13 and 4 %, shifted by -0.5 with chance
2 * |delta| where there is room; alpha 5 %, a margin of 5 points.
"""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from control.stats.bernstein import Scores
from tests.control.stats.simulated import most_alarms

MARGIN = 0.05


def scores(rng: np.random.Generator, delta: float, runs: int, count: int) -> list[list[float]]:
    """The differences as scores; their mean is (0.96 * delta + 1) / 2."""
    drawn = rng.choice(5, size=(runs, count), p=(0.04, 0.13, 0.66, 0.13, 0.04)) / 2 - 1
    shifted = drawn - 0.5 * (rng.random((runs, count)) < 2 * abs(delta))
    found: list[list[float]] = ((np.maximum(shifted, -1) + 1) / 2).tolist()
    return found


def until_decided(each: list[float]) -> tuple[str, float]:
    """What a run comes to, looked at each 10 pairs from 100 on, and after how many pairs."""
    seen = Scores(alpha=0.05).and_then(each[:90])
    for first in range(90, len(each), 10):
        seen = seen.and_then(each[first : first + 10])
        low, high = (2 * end - 1 for end in seen.interval)
        if low > -MARGIN:
            return "pass", seen.count
        if high < -MARGIN:
            return "fail", seen.count
    return "open", inf


@pytest.mark.parametrize(
    ("delta", "verdict", "median"),
    [(0.0, "pass", 645), (-0.02, "pass", 1977), (-0.10, "fail", 1037), (-0.19, "fail", 138)],
)
def test_a_difference_of_scores_is_decided_as_soon_as_the_page_says(
    delta: float, verdict: str, median: int
) -> None:
    """4.4: pairs until the verdict."""
    runs = 150
    found = [until_decided(run) for run in scores(np.random.default_rng(25), delta, runs, 6000)]
    waited = [pairs if said == verdict else inf for said, pairs in found]
    assert float(np.median(waited)) == pytest.approx(median, rel=0.15)


@pytest.mark.parametrize("delta", [0.0, -0.1])
def test_an_interval_misses_the_mean_within_alpha(delta: float) -> None:
    """4.4: the page's miss rates are .003-.013; looks each 10 of 2,000."""
    runs, missed = 150, 0
    for run in scores(np.random.default_rng(26), delta, runs, 2000):
        seen, misses = Scores(alpha=0.05), False
        for first in range(0, 2000, 10):
            seen = seen.and_then(run[first : first + 10])
            low, high = seen.interval
            misses |= not low <= (0.96 * delta + 1) / 2 <= high
        missed += misses
    assert missed <= most_alarms(0.05, runs)
