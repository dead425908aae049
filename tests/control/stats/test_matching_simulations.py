"""Means of arms whose shares change while costs swing, by seeded simulation."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from control.stats.matching import matched
from control.stats.means import Moments, log_e_over_baseline
from tests.control.stats.simulated import Floats, most_alarms


def sums(costs: Floats) -> Moments:
    return Moments(
        count=len(costs), total=float(costs.sum()), squares=float(np.square(costs).sum())
    )


def day(rng: np.random.Generator, swing: float) -> list[tuple[Moments, Moments]]:
    """96 quarters of 300 requests: 1, 10 and 50 % for a third each, dearest at noon."""
    cells = []
    for quarter in range(96):
        level = 1 - swing * np.cos(2 * np.pi * quarter / 96)
        costs = level * np.exp(rng.standard_normal(300) - 0.5)
        ours = rng.binomial(300, (0.01, 0.1, 0.5)[quarter // 32])
        cells.append((sums(costs[:ours]), sums(costs[ours:])))
    return cells


@pytest.mark.parametrize("swing", [0.0, 0.4])
def test_a_swing_of_costs_alarms_within_alpha(swing: float) -> None:
    """Alpha 5 %, looked at each hour; plain means alarm in 95 % of such days at a swing of 40 %."""
    rng, runs = np.random.default_rng(32), 150
    alarms = 0
    for _ in range(runs):
        cells = day(rng, swing)
        arms = (matched(cells[:end]) for end in range(4, 97, 4))
        alarms += any(log_e_over_baseline(*each, 1.0, 0.05) >= log(20) for each in arms)
    assert alarms <= most_alarms(0.05, runs)
