"""Whole migrations, simulated from a seed: what judge does to healthy, bad and idle ones.

Bounds on false alarms are alpha times the runs and three standard deviations of that count; delays
are held against statistics.md 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import sqrt
from statistics import median

import numpy as np
import pytest

from control.guard import judge
from control.words.criteria import Metric, Side
from control.words.evidence import Cell, Sums
from control.words.steps import Course
from control.words.verdict import Standing, Verdict
from tests.control.guard.cases import QUARTER, course, evidence, limit, moment

ALPHA = 0.05
NOT_WORSE = limit(side=Side.OVER_BASELINE, written="1x")
AT_BOUND = limit(written="1%")


def allowed(runs: int, alpha: float = ALPHA) -> float:
    return alpha * runs + 3 * sqrt(runs * alpha * (1 - alpha))


class Migration:
    """One migration as it gathers counts: a cell a weight epoch, requests in blocks."""

    def __init__(self, plan: Course, seed: int) -> None:
        self.plan = plan
        self.random = np.random.default_rng(seed)
        self.cells: list[Cell] = []
        self.starts: list[int] = []

    def step(self, epoch: int) -> None:
        self.starts.append(epoch)
        self.cells.append(Cell(epoch=epoch, quarter=QUARTER + epoch))

    def block(self, candidate: tuple[int, float], baseline: tuple[int, float]) -> Verdict:
        """So many more requests of each arm at a chance of failing, and what the guard says."""
        last = self.cells[-1]
        self.cells[-1] = Cell(
            epoch=last.epoch,
            quarter=last.quarter,
            candidate=self._more(last.candidate, *candidate),
            baseline=self._more(last.baseline, *baseline),
        )
        return self.verdict()

    def split(self, requests: int, weight: float, rates: tuple[float, float]) -> Verdict:
        candidate = int(self.random.binomial(requests, weight))
        return self.block((candidate, rates[0]), (requests - candidate, rates[1]))

    def bursts(self, requests: int, weight: float, rate: float, together: int) -> Verdict:
        """So many more requests, whose failures come so many together."""
        ours, last = int(self.random.binomial(requests, weight)), self.cells[-1]
        self.cells[-1] = replace(
            last,
            candidate=self._bursts(last.candidate, ours, rate, together),
            baseline=self._bursts(last.baseline, requests - ours, rate, together),
        )
        return self.verdict()

    def _bursts(self, sums: Sums, requests: int, rate: float, together: int) -> Sums:
        bursts = int(self.random.poisson(requests * rate / together))
        more = min(bursts * together, requests)
        return Sums(requests=sums.requests + requests, errors=sums.errors + more)

    def verdict(self) -> Verdict:
        return judge(
            self.plan,
            evidence(*self.cells),
            moment=moment(*self.starts, step_since=self.starts[-1]),
        )

    @property
    def requests(self) -> int:
        return sum(cell.candidate.requests for cell in self.cells)

    def _more(self, sums: Sums, requests: int, rate: float) -> Sums:
        errors = int(self.random.binomial(requests, rate))
        return Sums(requests=sums.requests + requests, errors=sums.errors + errors)


def ramp(plan: Course, seed: int, rates: Mapping[float, tuple[float, float]]) -> Iterator[Verdict]:
    """20,000 requests at each weight, looked at 10 times."""
    migration = Migration(plan, seed)
    for epoch, (weight, chances) in enumerate(rates.items(), start=1):
        migration.step(epoch)
        for _ in range(10):
            yield migration.split(2_000, weight, chances)


def test_200_healthy_ramps_are_rolled_back_within_alpha() -> None:
    plan = course(NOT_WORSE, AT_BOUND, alpha=ALPHA)
    healthy = dict.fromkeys((0.01, 0.1, 0.5), (0.01, 0.01))
    failed = [
        any(verdict.standing is Standing.FAIL for verdict in ramp(plan, seed, healthy))
        for seed in range(200)
    ]
    assert sum(failed) <= allowed(200)


def test_five_percent_against_one_fails_as_soon_as_the_page_says() -> None:
    plan = course(NOT_WORSE, alpha=0.01)
    delays = []
    for seed in range(60):
        migration = Migration(plan, seed)
        migration.step(1)
        while migration.split(100, 0.1, (0.05, 0.01)).standing is not Standing.FAIL:
            assert migration.requests < 5_000
        delays.append(migration.requests)
    # 135 with one start (4.1). A mixture of them costs that page's own example 7.4k for 4.4k; here
    # the first start weighs half, which costs less.
    assert 135 * 0.85 <= median(delays) <= 135 * 1.4


def test_a_candidate_that_turns_bad_after_a_good_while_is_found() -> None:
    turning = {0.01: (0.01, 0.01), 0.1: (0.01, 0.01), 0.5: (0.05, 0.01)}
    plan = course(NOT_WORSE, limit(written="3%"), alpha=0.01)
    for seed in range(10):
        assert list(ramp(plan, seed, turning))[-1].standing is Standing.FAIL


def test_without_traffic_nothing_passes_and_nothing_fails() -> None:
    limits = [limit(metric) for metric in (Metric.ERROR_RATE, Metric.TRUNCATION_RATE)]
    plan = course(NOT_WORSE, *limits, limit(Metric.LATENCY_P95, written="1s"))
    migration = Migration(plan, 1)
    migration.step(1)
    verdict = migration.block((0, 0.0), (5_000, 0.01))
    assert verdict.standing is Standing.INCONCLUSIVE
    assert {each.standing for each in verdict.judgements} == {Standing.INCONCLUSIVE}


def test_when_both_arms_fail_alike_no_relative_limit_does() -> None:
    plan = course(NOT_WORSE, limit(side=Side.OVER_BASELINE, written="2pp"))
    outage = {0.01: (0.01, 0.01), 0.1: (0.4, 0.4), 0.5: (0.9, 0.9)}
    failed = [
        any(verdict.standing is Standing.FAIL for verdict in ramp(plan, seed, outage))
        for seed in range(30)
    ]
    assert sum(failed) <= allowed(30)


def test_failures_in_threes_would_break_the_promise_which_is_why_tries_count_once() -> None:
    """docs/adr/0037: 22 % of 150 ramps; what a library's two further tries would do."""
    plan = course(NOT_WORSE, alpha=ALPHA)
    failed = [sum(in_threes(plan, seed, each) for seed in range(60)) / 60 for each in (1, 3)]
    assert failed[0] <= ALPHA
    assert 0.1 <= failed[1] <= 0.35


def in_threes(plan: Course, seed: int, together: int) -> bool:
    """Whether a healthy ramp fails where so many failures always come together."""
    migration = Migration(plan, seed)
    for epoch, weight in enumerate((0.01, 0.1, 0.5), start=1):
        migration.step(epoch)
        for _ in range(10):
            if migration.bursts(2_000, weight, 0.01, together).standing is Standing.FAIL:
                return True
    return False


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
def test_a_few_heavy_users_cause_no_false_alarm(weight: float) -> None:
    plan = course(NOT_WORSE, alpha=ALPHA)
    failed = sum(zipf_fails(plan, seed, weight) for seed in range(100))
    assert failed <= allowed(100)


def zipf_fails(plan: Course, seed: int, weight: float) -> bool:
    """Whether equal error rates ever fail where 2,000 users send 20,000 requests, Zipf-1 each."""
    migration = Migration(plan, seed)
    migration.step(1)
    users = 1 / np.arange(1, 2_001)
    drawn = migration.random.random(2_000) < weight  # a key is in or out for good
    for _ in range(20):
        requests = migration.random.multinomial(1_000, users / users.sum())
        candidate = int(requests[drawn].sum())
        verdict = migration.block((candidate, 0.01), (1_000 - candidate, 0.01))
        if verdict.standing is Standing.FAIL:
            return True
    return False
