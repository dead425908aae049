"""What a ramp takes and finds."""

from __future__ import annotations

import msgspec
import pytest

from control.guard.forecast import Forecast, Traffic, forecast, observed
from control.words.criteria import Metric, Side
from control.words.evidence import QUARTER_S
from control.words.steps import Course, Gate, Step
from tests.control.guard.cases import ABSOLUTE, QUARTER, RELATIVE, cell, evidence, limit, sums

STEPS = (
    Step(share=100, hold_s=600.0),
    Step(share=5_000, hold_s=600.0, gate=Gate.APPROVE),
    Step(share=10_000, hold_s=3_600.0, soak=True, holdback=100),
)
P95 = limit(Metric.LATENCY_P95, Side.OVER, "1s")
PLAN = Course(steps=STEPS, limits=(ABSOLUTE, RELATIVE, P95))
BUSY = Traffic(requests_per_s=100 / 3, error_rate=0.01)


def test_a_step_takes_its_hold_or_as_long_as_its_requests_need() -> None:
    told = forecast(PLAN, BUSY)
    assert [step.takes_s for step in told.steps] == pytest.approx([900, 600, 3_600])
    assert [step.enough_after_s for step in told.steps] == pytest.approx(
        [900, 18, 9.0909], rel=1e-3
    )
    assert [step.candidate_requests for step in told.steps] == [300, 10_000, 118_800]
    assert told.takes_s == pytest.approx(5_100)


def test_the_text_has_a_paragraph_a_step() -> None:
    lines = forecast(PLAN, BUSY).lines
    assert lines[0] == "at 33.3 requests a second, of which 1.0 % fail"
    assert lines[1] == (
        "step 1: 1 % is held 10m, takes 15m until 300 requests: 300 of 30,000 requests"
    )
    assert lines[2].startswith("  error_rate over 2%: sees 1.0 % -> ")
    assert lines[5] == (
        "step 2: 50 % is held 10m: 10,000 of 20,000 requests, then waits to be approved"
    )
    assert lines[9] == "step 3: 99 % soaks 1h: 118,800 of 120,000 requests"
    assert lines[-1] == "in all 1h25m, and what approvals take"
    assert max(map(len, lines)) <= 80
    rare = Traffic(requests_per_s=5.23, error_rate=0.00020408)
    assert max(map(len, forecast(PLAN, rare).lines)) <= 80


def test_each_step_tells_what_its_limits_find() -> None:
    told = forecast(PLAN, BUSY)
    for step in told.steps:
        assert [each.limit for each in step.detects] == [each.key for each in PLAN.limits]
    first, second = (step.detects[1].found for step in told.steps[:2])
    assert first is not None
    assert second is not None
    assert second < first


def test_without_traffic_only_holds_are_known() -> None:
    told = forecast(PLAN, Traffic(requests_per_s=0.0, error_rate=None))
    assert told.lines == (
        "no traffic was observed: how long the steps take is not known",
        "step 1: 1 % is held 10m and until 300 candidate requests",
        "step 2: 50 % is held 10m and until 300 candidate requests",
        "step 3: 99 % soaks 1h and until 300 candidate requests",
    )
    assert told.takes_s is None


def test_without_a_measured_baseline_nothing_is_said_of_what_is_found() -> None:
    told = forecast(PLAN, Traffic(requests_per_s=10.0, error_rate=None))
    assert told.lines[0] == "at 10.0 requests a second; of the baseline nothing was measured"
    assert all(step.detects == () for step in told.steps)


def test_a_step_without_weight_waits_for_its_hold_alone() -> None:
    told = forecast(Course(steps=(Step(share=0, hold_s=60.0),), limits=(ABSOLUTE,)), BUSY)
    assert told.steps[0].takes_s == 60
    assert told.steps[0].detects == ()
    assert told.lines[-1] == "in all 1m"


def test_a_forecast_crosses_the_wire() -> None:
    told = forecast(PLAN, BUSY)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Forecast) == told


def test_traffic_is_of_both_arms_and_the_error_rate_the_baselines() -> None:
    at_s = (QUARTER + 3) * QUARTER_S + 450.0
    cells = [
        cell(sums(100, 100), sums(900, 9), quarter=QUARTER + quarter) for quarter in (0, 1, 2, 3)
    ]
    seen = observed(evidence(*cells, fresh_at_s=at_s))
    assert seen.requests_per_s == pytest.approx(3_000 / 2_250)  # the first quarter left out
    assert seen.error_rate == pytest.approx(0.01, rel=0.02)


def test_one_quarter_of_an_hour_is_all_there_is() -> None:
    seen = observed(evidence(cell(sums(0), sums(900)), fresh_at_s=QUARTER * QUARTER_S + 300.0))
    assert seen.requests_per_s == pytest.approx(3)
    assert seen.error_rate == pytest.approx(0.5 / 901)


def test_a_migration_that_was_just_registered_has_no_whole_quarter() -> None:
    at_s = QUARTER * QUARTER_S + 300.0
    seen = observed(evidence(cell(sums(0), sums(900)), fresh_at_s=at_s), at_s - 30)
    assert seen.requests_per_s == pytest.approx(30)


def test_only_the_last_day_is_traffic() -> None:
    old = cell(sums(0), sums(10**6), quarter=QUARTER - 96)
    new = cell(sums(0), sums(900), quarter=QUARTER)
    seen = observed(evidence(old, new, fresh_at_s=(QUARTER + 1) * QUARTER_S))
    assert seen.requests_per_s == pytest.approx(1)


def test_nothing_measured_is_no_traffic() -> None:
    assert observed(evidence(fresh_at_s=None)) == Traffic(requests_per_s=0.0, error_rate=None)
