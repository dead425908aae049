"""The figures of statistics.md 4.1 for ramps: changing weights, late regressions, skewed users."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.control.stats.simulated import Floats, Ints, log_mean, most_alarms, relative

GRID = 24


def binomial(
    rng: np.random.Generator, requests: int, share: float, rates: tuple[float, float], runs: int
) -> tuple[Ints, Ints]:
    """The errors of the candidate and of the baseline in one block of each run."""
    ours = rng.binomial(requests, share, runs)
    return rng.binomial(ours, rates[0]), rng.binomial(requests - ours, rates[1])


def test_a_ramp_without_a_difference_alarms_within_alpha() -> None:
    """4.1: 1, 10 and 50 %, 20,000 requests each, equal 1 % errors; looked at each 100."""
    rng, runs = np.random.default_rng(6), 2000
    sums, ever = np.zeros((runs, GRID)), np.zeros(runs, dtype=bool)
    for share in np.repeat([0.01, 0.1, 0.5], 200):
        sums += relative(share, *binomial(rng, 100, share, (0.01, 0.01), runs))
        ever |= log_mean(sums) >= log(20)
    assert ever.sum() <= most_alarms(0.05, runs)


def several_starts(
    rng: np.random.Generator, *, weights: Sequence[float], bad: float, onset: int, runs: int
) -> Floats:
    """The log evidence of each run at each look: every 100 requests from the onset on.

    A start every 10,000 requests, the onset at one of them; 10 % of the requests are the
    candidate's, of which 1 % fail before and `bad` after it.
    """
    before, starts = onset // 10_000, len(weights)
    sums = np.zeros((starts, runs, GRID))
    for begun in range(before):
        sums[: begun + 1] += relative(0.1, *binomial(rng, 10_000, 0.1, (0.01, 0.01), runs))
    parts = np.log(np.array(weights) * starts)
    looks = []
    for look in range(200 if bad > 0.01 else 1000):
        begun = min(before + look // 100 + 1, starts)
        sums[:begun] += relative(0.1, *binomial(rng, 100, 0.1, (bad, 0.01), runs))
        looks.append(log_mean(log_mean(sums).T + parts))
    return np.stack(looks, axis=1)


EQUAL = (1 / 16,) * 16
FIRST_HALF = (1 / 2,) + (1 / 30,) * 15  # as the guard has it


@pytest.mark.parametrize("weights", [(0.1,) * 10, (1 / 2,) + (1 / 18,) * 9])
def test_several_starts_alarm_within_alpha(weights: tuple[float, ...]) -> None:
    """4.1, preferred form: 10 starts, 100,000 requests without a difference, alpha 5 %."""
    rng, runs = np.random.default_rng(8), 600
    looks = several_starts(rng, weights=weights, bad=0.01, onset=0, runs=runs)
    assert (looks >= log(20)).any(axis=1).sum() <= most_alarms(0.05, runs)


@pytest.mark.parametrize(
    ("weights", "onset", "median"),
    [
        (EQUAL, 0, 7400),
        (EQUAL, 20_000, 6500),
        (EQUAL, 100_000, 7300),
        (FIRST_HALF, 0, 5600),
        (FIRST_HALF, 20_000, 7600),
        (FIRST_HALF, 100_000, 7500),
    ],
)
def test_a_good_past_does_not_hide_a_late_regression(
    weights: tuple[float, ...], onset: int, median: int
) -> None:
    """4.1: 16 starts, alpha 1 %, w = 10 %, 1 % to 3 %; requests from the onset to the alarm.

    The page has equal weights; the figures of the others are those of docs/statistics.md.
    """
    rng, runs = np.random.default_rng(9), 1000
    alarmed = several_starts(rng, weights=weights, bad=0.03, onset=onset, runs=runs) >= log(100)
    delays = np.where(alarmed.any(axis=1), 100 * (alarmed.argmax(axis=1) + 1), np.inf)
    assert float(np.median(delays)) == pytest.approx(median, rel=0.15)


def skewed(
    rng: np.random.Generator, weight: float, runs: int, *, observed: bool
) -> NDArray[np.bool_]:
    """Which runs ever alarm at 5 % although both arms fail at 1 %; 10,000 sticky Zipf-1 users.

    100,000 requests in cells of 10,000, looked at each 500, judged by the cell's observed share or
    by the weight of the configuration.
    """
    popular = 1 / np.arange(1, 10_001)
    truly = (rng.random((runs, len(popular))) < weight) @ (popular / popular.sum())
    past, ever = np.zeros((runs, GRID)), np.zeros(runs, dtype=bool)
    for _ in range(10):
        seen, ours, theirs = np.zeros((3, runs), dtype=np.int64)
        for look in range(1, 21):
            candidate = rng.binomial(500, truly)
            seen += candidate
            ours += rng.binomial(candidate, 0.01)
            theirs += rng.binomial(500 - candidate, 0.01)
            cell = relative(seen / (500 * look) if observed else weight, ours, theirs)
            ever |= log_mean(past + cell) >= log(20)
        past += cell
    return ever


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
def test_skewed_users_alarm_within_alpha_by_the_observed_share_alone(weight: float) -> None:
    """The page's head: Zipf-1 keys at weights 1, 10 and 50; at most 4.5 % by the observed share."""
    rng, runs = np.random.default_rng(10), 600
    assert skewed(rng, weight, runs, observed=True).sum() <= most_alarms(0.05, runs)
    assert skewed(rng, weight, runs, observed=False).sum() > most_alarms(0.05, runs)


def test_a_repeated_z_test_alarms_far_beyond_alpha() -> None:
    """The page's head: pooled z-tests each 500 requests from 1,000 on, nominal 5 %: 34-37 %."""
    rng, runs = np.random.default_rng(11), 1000
    ours, theirs, seen, others = np.zeros((4, runs), dtype=np.int64)
    ever = np.zeros(runs, dtype=bool)
    for look in range(200):
        candidate = rng.binomial(500, 0.5, runs)
        seen, others = seen + candidate, others + 500 - candidate
        ours, theirs = (
            ours + rng.binomial(candidate, 0.01),
            theirs + rng.binomial(500 - candidate, 0.01),
        )
        pooled = (ours + theirs) / (seen + others)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / seen + 1 / others))
        ever |= (look > 0) & ((ours / seen - theirs / others) > 1.6449 * spread)
    assert 0.30 <= ever.mean() <= 0.40
