"""Differences of rates by seeded simulation: whatever both arms do in the course of a day."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from control.stats.points import Hits, log_e_points
from tests.control.stats.simulated import most_alarms


def day(rng: np.random.Generator, more: float) -> list[Hits]:
    """40 cells of 1,000 requests: errors swing from 0.5 to 9.5 % and the share grows with them."""
    cells: list[Hits] = []
    for quarter in range(40):
        rate = 0.05 - 0.045 * np.cos(quarter / 20 * np.pi)
        ours = int(rng.binomial(1000, (0.01, 0.1, 0.5)[quarter * 3 // 40]))
        hits = int(rng.binomial(ours, rate + more)), int(rng.binomial(1000 - ours, rate))
        cells.append(((hits[0], ours), (hits[1], 1000 - ours)))
    return cells


@pytest.mark.parametrize("more", [0.0, 0.01])
def test_a_swing_with_changing_weights_alarms_within_alpha(more: float) -> None:
    """As bad as tolerated; looked at after every fourth cell, alpha 5 %."""
    rng, runs = np.random.default_rng(12), 400
    alarms = 0
    for _ in range(runs):
        cells = day(rng, more)
        looks = (log_e_points(cells[:end], [0], more)[0] for end in range(4, 41, 4))
        alarms += any(look >= log(20) for look in looks)
    assert alarms <= most_alarms(0.05, runs)


def test_three_points_too_many_are_found_within_a_day_nine_times_of_ten() -> None:
    """More than 1 point is a breach, 4 points are true; alpha 1 %."""
    rng = np.random.default_rng(13)
    found = [log_e_points(day(rng, 0.04), [0], 0.01)[0] >= log(100) for _ in range(200)]
    assert np.mean(found) >= 0.9
