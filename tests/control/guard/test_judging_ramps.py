"""The guard and the ramp together: whole migrations run by themselves, from start to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from control.guard import anchored, judge
from control.guard.rulings import moment_of
from control.migration import ramp, steering, transitions
from control.migration.change import Change
from control.migration.ledger import Cause, Phase, State
from control.words.criteria import Metric, OnFail, Side
from control.words.evidence import QUARTER_S, Cell, Evidence, Sums
from control.words.steps import Course, Step
from proxy.numbers.histogram import Histogram
from proxy.policy import WHOLE
from tests.control.guard.cases import limit
from tests.control.ramps import BEGAN_S, at, pending

TICK_S = 15.0
PLAN = Course(
    steps=(
        Step(share=100, hold_s=300.0),
        Step(share=1_000, hold_s=600.0),
        Step(share=5_000, hold_s=900.0),
        Step(share=10_000, hold_s=3_600.0, soak=True, holdback=100),
    ),
    limits=(
        limit(Metric.ERROR_RATE, Side.OVER, "2%"),
        limit(Metric.ERROR_RATE, Side.OVER_BASELINE, "1.25x"),
        limit(Metric.LATENCY_P95, Side.OVER_BASELINE, "1.5x", OnFail.STEP_BACK),
    ),
)
COMPARED = Course(steps=PLAN.steps, limits=PLAN.limits[1:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """How an arm does: how many fail, and how long a good answer takes in the median."""

    errors: float = 0.01
    median_s: float = 1.0


GOOD = Arm()
Doing = Callable[[float], tuple[Arm, Arm]]  # the candidate and the baseline, by seconds


class World:
    """Traffic, the guard and the ramp, with no store, no loop and no clock."""

    def __init__(self, plan: Course, seed: int, *, rate: float = 100.0) -> None:
        self.random = np.random.default_rng(seed)
        self.rate = rate
        self.now_s = BEGAN_S
        self.version = 2
        self.cells: dict[tuple[int, int], Cell] = {}
        self.causes: list[Cause] = []
        self.state = pending(plan)
        self.serve(GOOD, GOOD, 900.0)  # the baseline alone, before the start
        self.state = steering.start(self.state, at(self.now_s, self.version))

    def run(self, doing: Doing, *, for_s: float = 10_000.0) -> State:
        """Until the migration is over, or for so long."""
        began_s = self.now_s
        while self.now_s < began_s + for_s and not self.over:
            self.serve(*doing(self.now_s - began_s), TICK_S)
            self.look()
        return self.state

    @property
    def over(self) -> bool:
        return self.state.entry.phase in (Phase.HEALTHY, Phase.DEGRADED)

    def look(self) -> None:
        seen = self.evidence()
        frozen = anchored(self.state.entry.course, seen)
        self.take(ramp.anchored(self.state, frozen, self.now_s, version=self.version + 1))
        verdict = judge(self.state.entry.course, seen, moment=moment_of(self.state, self.now_s))
        self.take(ramp.next(self.state, verdict, self.now_s, version=self.version + 1))

    def take(self, change: Change | None) -> None:
        if change is not None:
            self.version = change.version
            self.state = change.state
            self.causes.append(change.cause)

    def evidence(self) -> Evidence:
        cells = tuple(self.cells[key] for key in sorted(self.cells))
        return Evidence(cells=cells, fresh_at_s=self.now_s)

    def serve(self, candidate: Arm, baseline: Arm, span_s: float) -> None:
        self.now_s += span_s
        split = self.state.route.split
        requests = int(self.random.poisson(self.rate * span_s))
        ours = int(self.random.binomial(requests, split.share / WHOLE))
        key = (int(self.now_s // QUARTER_S), split.since)
        before = self.cells.get(key, Cell(epoch=key[1], quarter=key[0]))
        self.cells[key] = Cell(
            epoch=key[1],
            quarter=key[0],
            candidate=self.more(before.candidate, candidate, ours),
            baseline=self.more(before.baseline, baseline, requests - ours),
        )

    def more(self, sums: Sums, arm: Arm, requests: int) -> Sums:
        errors = int(self.random.binomial(requests, arm.errors))
        latency = Histogram()
        latency.merge(sums.latency)
        tenths = self.random.multinomial(requests - errors, [0.1] * 10)
        for tenth, often in enumerate(tenths, 1):  # from a fifth of the median to twice of it
            latency.record(round(arm.median_s * tenth * 200_000), int(often))
        return Sums(requests=sums.requests + requests, errors=sums.errors + errors, latency=latency)


def always(candidate: Arm, baseline: Arm = GOOD) -> Doing:
    return lambda _: (candidate, baseline)


@pytest.mark.parametrize("seed", range(4))
def test_a_healthy_candidate_comes_to_its_end_by_itself(seed: int) -> None:
    world = World(PLAN, seed)
    assert world.run(always(GOOD)).entry.phase is Phase.HEALTHY
    assert Cause.STEPPED_BACK not in world.causes


@pytest.mark.parametrize("seed", range(4))
def test_a_candidate_with_five_percent_errors_is_rolled_back_and_latched(seed: int) -> None:
    world = World(PLAN, seed)
    entry = world.run(always(Arm(errors=0.05))).entry
    assert (entry.phase, entry.latched) == (Phase.DEGRADED, True)
    assert entry.since.note is not None
    assert "the candidate failed" in entry.since.note
    assert entry.since.note.endswith(": breach.")
    assert world.state.route.split.share == 0
    assert world.now_s - BEGAN_S < 3_600


def test_a_candidate_that_turns_bad_late_is_rolled_back_too() -> None:
    world = World(PLAN, 1)
    turning: Doing = lambda after_s: (GOOD if after_s < 3_000 else Arm(errors=0.05), GOOD)  # noqa: E731
    assert world.run(turning).entry.phase is Phase.DEGRADED
    assert 3_900 < world.now_s - BEGAN_S < 4_500  # the baseline alone had 900 s


def test_a_slow_candidate_goes_a_step_back_and_waits() -> None:
    world = World(PLAN, 1)
    entry = world.run(always(Arm(median_s=2.0)), for_s=3_000.0).entry
    assert (entry.phase, entry.cause) == (Phase.PAUSED, Cause.STEPPED_BACK)


def test_without_traffic_the_ramp_pauses_and_never_goes_on() -> None:
    world = World(PLAN, 1, rate=0.0)
    entry = world.run(always(GOOD)).entry
    assert (entry.phase, entry.cause) == (Phase.PAUSED, Cause.NO_TRAFFIC)
    assert world.state.route.split.share == 100


def test_when_both_arms_fail_alike_the_relative_limit_lets_the_ramp_go_on() -> None:
    world = World(COMPARED, 1)
    bad = Arm(errors=0.3)
    assert world.run(always(bad, bad)).entry.phase is Phase.HEALTHY


def test_after_a_retry_the_old_evidence_rolls_nothing_back() -> None:
    world = World(PLAN, 1)
    world.run(always(Arm(errors=0.2)))
    world.version += 1
    cleared = transitions.retry(world.state, at(world.now_s, world.version))
    world.version += 1
    world.state = steering.start(cleared, at(world.now_s, world.version))
    assert world.run(always(GOOD)).entry.phase is Phase.HEALTHY
