"""The figures of statistics.md 4.1 by seeded simulation: alarms of the healthy, delays of the sick.

Levels must hold as 4.6 rule 7 says, medians within 15 % of the tables.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from control.stats.logarithms import threshold
from control.stats.sequential import log_e_absolute, log_e_relative, log_e_since, multi_start
from tests.control.stats.simulated import (
    Floats,
    Ints,
    frontier,
    log_mean,
    most_alarms,
    race,
    relative,
)

SHARES = (0.01, 0.1, 0.5)
CLOSE = 0.15  # how near to the tables a median must come


@cache
def region(share: float, alpha: float, ratio: float = 1.0, length: int = 2500) -> Ints:
    """The alarm region of `log_e_relative` at one share."""
    return frontier(
        lambda ours, theirs: log_e_relative([(share, ours, theirs)], ratio),
        threshold(alpha),
        length,
    )


def test_the_simulations_judge_as_the_shipped_functions_do() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        share, ours, theirs = rng.random(4), rng.integers(0, 40, 4), rng.integers(0, 40, 4)
        cells = list(zip(share.tolist(), ours.tolist(), theirs.tolist(), strict=True))
        sums = relative(share, ours, theirs, 1.25)
        together = sums[::-1].cumsum(axis=0)[::-1]
        wanted = log_e_since(cells, range(4), 1.25)
        assert log_mean(together) == pytest.approx(wanted)
        assert log_mean(log_mean(together)) == pytest.approx(multi_start(wanted, [0.25] * 4))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize(("rate", "horizon"), [(0.01, 100_000), (0.05, 40_000)])
@pytest.mark.parametrize("share", SHARES)
def test_healthy_candidates_alarm_within_alpha(
    share: float, rate: float, horizon: int, alpha: float
) -> None:
    """4.1, first table: p1 = p0 = 1 % and 5 %."""
    rng = np.random.default_rng(2)
    alarms = race(
        rng, region(share, alpha), share=share, rates=(rate, rate), runs=2000, horizon=horizon
    )
    assert np.isfinite(alarms).sum() <= most_alarms(alpha, 2000)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_candidates_as_bad_as_tolerated_alarm_within_alpha(share: float) -> None:
    """4.1: the boundary R = 1.5, p1 = 1.5 p0."""
    alarms = race(
        np.random.default_rng(3),
        region(share, 0.05, 1.5),
        share=share,
        rates=(0.015, 0.01),
        runs=2000,
        horizon=100_000,
    )
    assert np.isfinite(alarms).sum() <= most_alarms(0.05, 2000)


@pytest.mark.parametrize(
    ("bad", "medians"),
    [
        (0.02, (1486, 1596, 3062)),
        (0.03, (383, 424, 853)),
        (0.05, (118, 135, 315)),
        (0.10, (36, 43, 110)),
        (0.30, (10, 13, 31)),
    ],
)
def test_a_regression_is_found_as_soon_as_the_table_says(
    bad: float, medians: tuple[int, int, int]
) -> None:
    """4.1, second table: candidate requests until the alarm, alpha 1 %, p0 = 1 %."""
    rng = np.random.default_rng(4)
    found = []
    for share in SHARES:
        alarms = race(
            rng, region(share, 0.01), share=share, rates=(bad, 0.01), runs=1500, horizon=2_000_000
        )
        found.append(share * float(np.median(alarms)))
    assert found == pytest.approx(medians, rel=CLOSE)


@cache
def limit_region(limit: float, alpha: float, length: int = 1200) -> Ints:
    """For each number of errors, the most requests among which they alarm."""
    top = 20_000

    def alarms(errors: int, requests: int) -> bool:
        return log_e_absolute(errors, requests, limit) >= threshold(alpha)

    most, found = 0, []
    for errors in range(length):
        most = max(most, errors)
        while most < top and alarms(errors, most + 1):
            most += 1
        found.append(most if errors and alarms(errors, most) else -1)
    return np.array(found)


def until_the_limit_breaks(rate: float, limit: float, alpha: float, runs: int) -> Floats:
    """The candidate requests until each run's alarm, inf where there is none within 20,000."""
    rng = np.random.default_rng(5)
    most = limit_region(limit, alpha)[1:]
    at = rng.geometric(rate, (runs, len(most))).cumsum(axis=1)
    hit = at <= most
    return np.where(hit.any(axis=1), at[np.arange(runs), hit.argmax(axis=1)], np.inf)


def test_a_candidate_at_its_limit_alarms_within_alpha() -> None:
    """4.1, absolute limit of 2 %, over 20,000 requests."""
    for alpha in (0.05, 0.01):
        alarms = np.isfinite(until_the_limit_breaks(0.02, 0.02, alpha, 2000)).sum()
        assert alarms <= most_alarms(alpha, 2000)


@pytest.mark.parametrize(
    ("rate", "median"), [(0.03, 2477), (0.04, 698), (0.06, 177), (0.10, 63), (0.50, 5)]
)
def test_a_broken_limit_is_found_as_soon_as_the_page_says(rate: float, median: int) -> None:
    """4.1, absolute limit of 2 % at alpha 1 %; at 50 %, half of all take 5 and half more."""
    found = float(np.median(until_the_limit_breaks(rate, 0.02, 0.01, 1500)))
    assert found == pytest.approx(median, rel=CLOSE, abs=1)


@pytest.mark.parametrize(("bad", "chance"), [(0.05, 0.76), (0.03, 0.26), (0.02, 0.05)])
def test_a_first_step_finds_what_the_page_says(bad: float, chance: float) -> None:
    """4.1: a 1 % stage of 20,000 requests, alpha 1 %; the page's own chances err by 2 points."""
    alarms = race(
        np.random.default_rng(7),
        region(0.01, 0.01),
        share=0.01,
        rates=(bad, 0.01),
        runs=4000,
        horizon=20_000,
    )
    assert np.isfinite(alarms).mean() == pytest.approx(chance, abs=0.04)
