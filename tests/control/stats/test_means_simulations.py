"""The figures of statistics.md 4.3 by seeded simulation: log-normal costs, looks each 100."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log

import numpy as np
import pytest

from control.stats.means import (
    ENOUGH,
    FIRST,
    Moments,
    log_e_over,
    log_e_over_baseline,
    ratio_interval,
)
from tests.control.stats.simulated import Floats, Ints, most_alarms

EVERY = 100


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of many runs at each look: one row for each run."""

    count: Ints
    total: Floats
    squares: Floats

    def at(self, run: int, look: int) -> Moments:
        return Moments(
            count=int(self.count[run, look]),
            total=float(self.total[run, look]),
            squares=float(self.squares[run, look]),
        )


def costs(rng: np.random.Generator, count: Ints, sigma: float) -> Sums:
    """Costs of mean 1; `count` are the requests between two looks."""
    shape = (*count.shape, int(count.max()))
    drawn = np.exp(sigma * rng.standard_normal(shape, dtype=np.float32) - sigma**2 / 2)
    drawn *= np.arange(shape[-1]) < count[..., None]
    return Sums(
        count=count.cumsum(axis=1),
        total=drawn.sum(axis=-1, dtype=np.float64).cumsum(axis=1),
        squares=(drawn**2).sum(axis=-1, dtype=np.float64).cumsum(axis=1),
    )


def arms(
    rng: np.random.Generator, share: float, sigma: float, *, runs: int, looks: int
) -> tuple[Sums, Sums]:
    candidate = rng.binomial(EVERY, share, (runs, looks))
    return costs(rng, candidate, sigma), costs(rng, EVERY - candidate, sigma)


@pytest.mark.parametrize(
    ("share", "sigma", "first"),
    [
        (0.1, 0.5, FIRST),
        (0.1, 1.0, FIRST),
        (0.1, 1.5, ENOUGH),
        (0.5, 1.0, FIRST),
        (0.5, 1.5, FIRST),
    ],
)
def test_the_ratio_of_equal_costs_is_missed_within_alpha(
    share: float, sigma: float, first: int
) -> None:
    """4.3: to either side, alpha 5 %, looks up to 20,000 requests; see ENOUGH for sigma 1.5."""
    ours, theirs = arms(np.random.default_rng(21), share, sigma, runs=300, looks=200)
    missed = 0
    for run in range(300):
        ratios = [
            ratio_interval(ours.at(run, look), theirs.at(run, look), 0.05)
            for look in range(200)
            if ours.count[run, look] >= first
        ]
        missed += any((low or 0) > 1 or (high or inf) < 1 for low, high in ratios)
    assert missed <= most_alarms(0.05, 300)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_candidate_that_costs_the_same_is_not_called_dearer(share: float) -> None:
    """4.3: the rollback side stays under 1.6 % even at sigma 1.5, from 30 requests on."""
    ours, theirs = arms(np.random.default_rng(22), share, 1.5, runs=300, looks=200)
    alarms = sum(until_dearer(ours, theirs, run, alpha=0.05) < inf for run in range(300))
    assert alarms <= most_alarms(0.016, 300)


def until_dearer(ours: Sums, theirs: Sums, run: int, *, alpha: float = 0.01) -> float:
    """The candidate requests until it is found dearer, inf where it is not."""
    for look in range(ours.count.shape[1]):
        candidate, baseline = ours.at(run, look), theirs.at(run, look)
        if log_e_over_baseline(candidate, baseline, 1.0, alpha) >= -log(alpha):
            return candidate.count
    return inf


@pytest.mark.parametrize(
    ("share", "factor", "median", "looks"),
    [
        (0.5, 1.10, 4474, 250),
        (0.5, 1.25, 1094, 60),
        (0.5, 1.50, 459, 30),
        (0.5, 2.00, 250, 15),
        (0.1, 1.10, 2323, 400),
        (0.1, 1.25, 553, 150),
        (0.1, 1.50, 235, 60),
        (0.1, 2.00, 115, 30),
    ],
)
def test_a_dearer_candidate_is_found_as_soon_as_the_page_says(
    share: float, factor: float, median: int, looks: int
) -> None:
    """4.3: sigma 1, alpha 1 %, candidate requests until the alarm."""
    runs = 200
    same, theirs = arms(np.random.default_rng(23), share, 1.0, runs=runs, looks=looks)
    ours = Sums(same.count, factor * same.total, factor**2 * same.squares)
    found = [until_dearer(ours, theirs, run) for run in range(runs)]
    assert float(np.median(found)) == pytest.approx(median, rel=0.15)


@pytest.mark.parametrize(("factor", "median"), [(1.05, 2300), (1.10, 750), (1.25, 200)])
def test_pairs_find_it_with_a_fifth_of_the_data(factor: float, median: int) -> None:
    """4.3: sigma 1 between prompts, 0.3 within; sharpest at 2,000 pairs, as the figures are."""
    rng, runs, longest = np.random.default_rng(24), 200, 5000
    prompts = rng.standard_normal((runs, longest))
    within = np.exp(prompts + 0.3 * rng.standard_normal((2, runs, longest)))
    more = factor * within[0] - within[1]
    totals = more.cumsum(axis=1)[:, EVERY - 1 :: EVERY]
    squares = (more**2).cumsum(axis=1)[:, EVERY - 1 :: EVERY]

    def until_alarm(run: int) -> float:
        for look, (total, square) in enumerate(zip(totals[run], squares[run], strict=True)):
            pairs = Moments(count=EVERY * (look + 1), total=float(total), squares=float(square))
            if log_e_over(pairs, 0.0, 0.01, planned=2000) >= log(100):
                return pairs.count
        return inf

    found = [until_alarm(run) for run in range(runs)]
    assert float(np.median(found)) == pytest.approx(median, rel=0.15)
