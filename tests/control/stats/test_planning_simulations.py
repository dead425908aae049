"""What control/stats/planning.py says beforehand, played through 2,000 times."""

from __future__ import annotations

import numpy as np
import pytest

from control.stats.logarithms import threshold
from control.stats.planning import detectable_rate
from control.stats.sequential import log_e_relative
from tests.control.stats.simulated import frontier, race


@pytest.mark.parametrize(
    ("requests", "share", "rate", "ratio"),
    [
        (20_000, 0.01, 0.01, 1.0),
        (4_000, 0.1, 0.01, 1.0),
        (20_000, 0.1, 0.05, 1.25),
        (10_000, 0.5, 0.01, 1.0),
        (50_000, 0.5, 0.002, 1.5),
    ],
)
def test_what_is_called_detectable_is_found_with_eighty_percent_and_little_more(
    requests: int, share: float, rate: float, ratio: float
) -> None:
    """4.1: the effect to print before the ramp starts; alpha 1 %."""
    bad = detectable_rate(requests, share, rate, 0.01, ratio=ratio)
    assert bad is not None
    region = frontier(
        lambda ours, theirs: log_e_relative([(share, ours, theirs)], ratio), threshold(0.01), 1500
    )
    alarms = race(
        np.random.default_rng(29),
        region,
        share=share,
        rates=(bad, rate),
        runs=2000,
        horizon=requests,
    )
    assert 0.79 <= np.isfinite(alarms).mean() <= 0.91
