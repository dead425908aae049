"""The figures of statistics.md 4.2 by seeded simulation: slow requests, quantiles, intervals.

Latencies are log-normal (sigma 0.8, median 2 s), the candidate's so many times as long.
"""

from __future__ import annotations

from array import array
from functools import cache
from math import inf, log
from statistics import NormalDist

import numpy as np
import pytest

from control.stats.logarithms import threshold
from control.stats.quantiles import _tails, log_e_quantile, quantile_interval
from control.stats.sequential import log_e_relative
from proxy.numbers.histogram import Histogram
from tests.control.stats.simulated import Floats, Ints, frontier, log_mean, most_alarms

SIGMA = 0.8
MEDIAN_US = 2_000_000
NORMAL = NormalDist()


def slots(rng: np.random.Generator, count: int, factor: float = 1.0) -> Ints:
    """The counts of a histogram of so many times."""
    values = (factor * MEDIAN_US * np.exp(SIGMA * rng.standard_normal(count))).astype(np.int64)
    shift = np.floor(np.log2(values | 255)).astype(np.int64) - 7
    return np.bincount((shift << 7) + (values >> shift), minlength=3500)


def histogram(counts: Ints) -> Histogram:
    found = Histogram()
    found.counts, found.count = array("Q", counts.tolist()), int(counts.sum())
    return found


def test_slots_are_those_of_the_histogram() -> None:
    recorded = Histogram()
    for normal in np.random.default_rng(14).standard_normal(2000):
        recorded.record(int(MEDIAN_US * np.exp(SIGMA * normal)))
    counted = histogram(slots(np.random.default_rng(14), 2000))
    assert counted.counts[: len(recorded.counts)] == recorded.counts
    assert counted.count == recorded.count


@cache
def slow_region(share: float) -> Ints:
    return frontier(
        lambda ours, theirs: log_e_relative([(share, ours, theirs)], 1.0), threshold(0.01), 2500
    )


# Two medians differ from the page's, which have 100 to 200 runs behind them and lie beyond 15 %:
# 1516 and 484, where its own table of errors (1 % to 3 % in 424) forbids the latter. See ADR 21.
@pytest.mark.parametrize(
    ("share", "every", "factor", "quantile", "median"),
    [
        (0.5, 100, 1.2, 0.95, 1892),
        (0.5, 100, 1.5, 0.95, 348),
        (0.5, 100, 2.0, 0.95, 107),
        (0.5, 100, 1.5, 0.99, 758),
        (0.5, 100, 2.0, 0.99, 193),
        (0.1, 500, 1.2, 0.95, 1018),
        (0.1, 500, 1.5, 0.95, 193),
        (0.1, 500, 2.0, 0.95, 60),
        (0.1, 500, 1.5, 0.99, 376),
        (0.1, 500, 2.0, 0.99, 110),
    ],
)
def test_slow_requests_are_found_as_soon_as_the_table_says(
    share: float, every: int, factor: float, quantile: float, median: int
) -> None:
    """4.2 a, the second figure of each cell: candidate requests until the alarm, alpha 1 %."""
    rng, runs, looks = np.random.default_rng(15), 1500, 150
    tail = 1 - NORMAL.cdf(NORMAL.inv_cdf(quantile) - log(factor) / SIGMA)
    candidate = rng.binomial(every, share, (runs, looks))
    ours = rng.binomial(candidate, tail).cumsum(axis=1)
    theirs = rng.binomial(every - candidate, 1 - quantile).cumsum(axis=1)
    hit = ours >= slow_region(share)[np.minimum(theirs, 2500)]
    seen = candidate.cumsum(axis=1)[np.arange(runs), hit.argmax(axis=1)]
    waited = np.where(hit.any(axis=1), seen, inf)
    assert float(np.median(waited)) == pytest.approx(median, rel=0.15)


def evidence(candidate: Ints, baseline: Ints, quantile: float) -> float:
    """`log_e_quantile` at ratio 1, from the counts of slots."""
    ours, theirs = candidate.cumsum(), baseline.cumsum()
    slow, fast = (np.array(each) for each in _tails(quantile))
    reach = np.concatenate([ours[1:], ours[-1:], ours[-1:]])
    below = np.concatenate([[0], theirs])

    def weigh(ranks: Ints, tail: Floats) -> Floats:
        return log_mean(np.outer(ranks, tail[:, 0]) + np.outer(ranks[-1] - ranks, tail[:, 1]))

    return float((weigh(reach, slow) + weigh(below, fast)).min())


def test_the_simulation_judges_as_the_shipped_function_does() -> None:
    rng = np.random.default_rng(16)
    for factor in (0.8, 1.5, 2.0):
        ours, theirs = slots(rng, 300, factor), slots(rng, 900)
        wanted = log_e_quantile(histogram(ours), histogram(theirs), 0.95, 1.0)
        assert evidence(ours, theirs, 0.95) == pytest.approx(wanted)


def until_the_quantiles_differ(
    rng: np.random.Generator, share: float, every: int, factor: float, *, looks: int
) -> float:
    """The candidate requests until p95 is found to be higher at alpha 1 %, inf where it is not."""
    ours, theirs = np.zeros((2, 3500), dtype=np.int64)
    for _ in range(looks):
        candidate = rng.binomial(every, share)
        ours += slots(rng, candidate, factor)
        theirs += slots(rng, every - candidate)
        if evidence(ours, theirs, 0.95) >= log(100):
            return float(ours.sum())
    return inf


@pytest.mark.parametrize(
    ("share", "every", "factor", "median"),
    [(0.5, 100, 2.0, 307), (0.1, 500, 1.5, 338), (0.1, 500, 2.0, 106)],
)
def test_higher_quantiles_are_found_as_soon_as_the_table_says(
    share: float, every: int, factor: float, median: int
) -> None:
    """4.2 c, the first figure of a cell, for three of the ten (the others take minutes)."""
    rng = np.random.default_rng(17)
    found = [until_the_quantiles_differ(rng, share, every, factor, looks=30) for _ in range(90)]
    assert float(np.median(found)) == pytest.approx(median, rel=0.15)


def test_equal_quantiles_never_differ() -> None:
    """4.2 c: none of the page's 200 runs alarmed; none of these 30 does."""
    rng = np.random.default_rng(18)
    assert all(until_the_quantiles_differ(rng, 0.5, 400, 1.0, looks=10) == inf for _ in range(30))


@pytest.mark.parametrize(
    ("quantile", "count", "low", "high"),
    [
        (0.95, 100, 0.64, 1.93),  # the largest of 100; the page has 1.73, which the 99th would be
        (0.95, 500, 0.80, 1.31),
        (0.95, 1000, 0.84, 1.21),
        (0.95, 5000, 0.92, 1.09),
        (0.99, 600, 0.73, 1.63),
        (0.99, 1000, 0.78, 1.40),
        (0.99, 5000, 0.88, 1.17),
        (0.99, 20_000, 0.93, 1.08),
    ],
)
def test_an_interval_is_as_wide_as_the_page_says(
    quantile: float, count: int, low: float, high: float
) -> None:
    """4.2 b: the ends in multiples of the true quantile, alpha 5 %."""
    rng = np.random.default_rng(19)
    truly = MEDIAN_US * np.exp(SIGMA * NORMAL.inv_cdf(quantile))
    ends = [quantile_interval(histogram(slots(rng, count)), quantile, 0.05) for _ in range(100)]
    lows, highs = zip(*ends, strict=True)
    assert float(np.median(lows) / truly) == pytest.approx(low, rel=0.15)
    assert float(np.median(highs) / truly) == pytest.approx(high, rel=0.15)


@pytest.mark.parametrize("quantile", [0.95, 0.99])
def test_an_interval_holds_the_quantile_at_every_look_but_for_alpha(quantile: float) -> None:
    """4.2 b: looked at each 500 requests up to 5,000, alpha 5 %; a slot's width is not a miss."""
    rng, runs = np.random.default_rng(20), 200
    truly = MEDIAN_US * np.exp(SIGMA * NORMAL.inv_cdf(quantile))
    missed = 0
    for _ in range(runs):
        seen = slots(rng, 500)
        misses = []
        for _ in range(10):
            low, high = quantile_interval(histogram(seen), quantile, 0.05)
            misses.append((low or 0) > truly or (high or inf) < truly)
            seen += slots(rng, 500)
        missed += any(misses)
    assert missed <= most_alarms(0.05, runs)
