"""The split's self-check of statistics.md 4.5 by seeded simulation, over 20,000 distinct keys."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from control.stats.split import log_e_split
from tests.control.stats.simulated import most_alarms

LOOKS = 50


def ever(weight: float, truly: float, alpha: float, runs: int) -> int:
    """How many runs alarm, looked at each 400 keys."""
    keys = np.random.default_rng(28).binomial(400, truly, (runs, LOOKS)).cumsum(axis=1)
    evidence = [
        [log_e_split(int(ours), 400 * look - int(ours), weight) for look, ours in enumerate(run, 1)]
        for run in keys
    ]
    return int((np.array(evidence) >= log(1 / alpha)).any(axis=1).sum())


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
def test_a_true_split_is_suspected_within_alpha(weight: float) -> None:
    """However often one looks, alpha 5 %."""
    assert ever(weight, weight, 0.05, 600) <= most_alarms(0.05, 600)


@pytest.mark.parametrize(("weight", "truly"), [(0.01, 0.015), (0.1, 0.12), (0.5, 0.53)])
def test_a_false_split_is_found(weight: float, truly: float) -> None:
    """Alpha 1 %, nine runs of ten within 20,000 keys."""
    assert ever(weight, truly, 0.01, 100) >= 90
