"""A ramp's fields take what the interface says, and say what is wrong otherwise."""

from __future__ import annotations

import pytest

from control.files.check import check
from control.files.plan_file import MigrationSheet
from control.files.problems import in_order
from control.files.written import parse
from control.words.criteria import Metric, OnFail
from control.words.steps import Gate, Occasion
from tests.control.files.test_plan_file import SMALLEST


def read(line: str) -> tuple[MigrationSheet | None, list[str]]:
    found, wrong = check(MigrationSheet, parse("\n".join([*SMALLEST.values(), line]), "f"))
    return found, [str(problem) for problem in in_order(wrong)]


def sheet(line: str) -> MigrationSheet:
    found, wrong = read(line)
    assert wrong == []
    assert found is not None
    return found


def test_a_migration_needs_no_ramp() -> None:
    made = sheet("")
    assert (made.steps, made.limits, made.notify, made.success) == ([], [], [], {})
    assert (made.alpha, made.min_requests) == (0.05, 300)


def test_steps_are_read() -> None:
    first, last = sheet(
        "steps: [{weight: 0.5, hold: 5m, gate: approve}, {weight: 100, soak: 8h, holdback: 1}]"
    ).steps
    assert (first.weight, first.hold, first.gate, first.soak, first.holdback) == (
        *(50, 300.0, Gate.APPROVE),
        *(None, 0),
    )
    assert (last.weight, last.hold, last.gate, last.soak, last.holdback) == (
        *(10_000, None, None),
        *(28_800.0, 100),
    )


def test_limits_are_read_with_numbers_as_their_author_wrote_them() -> None:
    first, second = sheet(
        "limits: [{metric: quality, under: 0.90, on_fail: rollback, within: 30m, page: true}, "
        "{metric: error_rate, over_baseline: 1.25x, on_fail: warn, for: 2m}]"
    ).limits
    assert (first.metric, first.under, first.on_fail) == (Metric.QUALITY, "0.90", OnFail.ROLLBACK)
    assert (first.within, first.for_, first.page) == (1_800.0, None, True)
    assert (second.over_baseline, second.for_, second.page) == ("1.25x", 120.0, False)


def test_who_is_told_is_read() -> None:
    every, some = sheet("notify: [{to: ops}, {to: lead, on: [step, done], every: 30m}]").notify
    assert (every.to, every.on, every.every) == ("ops", list(Occasion), None)
    assert (some.on, some.every) == ([Occasion.STEP, Occasion.DONE], 1_800.0)


def test_hopes_are_read() -> None:
    made = sheet("success: {latency_p95: 500ms, error_rate: 1%, cost_per_request: 0.02}")
    assert made.success == {
        Metric.LATENCY_P95: "500ms",
        Metric.ERROR_RATE: "1%",
        Metric.COST_PER_REQUEST: "0.02",
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("steps: [{hold: 5m}]", "steps[0].weight: is missing"),
        (
            "steps: [{weight: 0.001}]",
            (
                "steps[0].weight: is not a percent from 0 to 100 "
                "(write 0 to 100 with at most two decimals: 1, 12.5, 0.25)"
            ),
        ),
        ("steps: [{weight: 1, gate: smoke}]", "steps[0].gate: must be 'approve'"),
        ("steps: [{weight: 1, hold: 0s}]", "steps[0].hold: must be more than 0"),
        ("limits: [{metric: error_rate, over: 2%}]", "limits[0].on_fail: is missing"),
        (
            "limits: [{metric: error_rate, above: 2%, on_fail: warn}]",
            "limits[0].above: is not a field here (write over or over_baseline)",
        ),
        (
            "limits: [{metric: error_rate, over: 2%, on_fail: warn, fro: 2m}]",
            "limits[0].fro: is not a field here (did you mean for?)",
        ),
        (
            "limits: [{metric: error_rate, over: 2%, on_fail: warn, for_: 2m}]",
            "limits[0].for_: is not a field here (did you mean for?)",
        ),
        (
            "limits: [{metric: error_rate, over: true, on_fail: warn}]",
            "limits[0].over: is not a number with its unit (write 2%, 500ms, 0.02, 1.25x or 5pp)",
        ),
        (
            f"limits: [{{metric: error_rate, over: '{'1' * 33}', on_fail: warn}}]",
            "limits[0].over: is longer than any number with its unit",
        ),
        ("alpha: 5%", "alpha: is not a number (write a chance: 0.05)"),
        ("alpha: 1e-999", "alpha: is not a chance from over 0 to 0.5 (write a chance: 0.05)"),
        ("alpha: 0", "alpha: is not a chance from over 0 to 0.5 (write a chance: 0.05)"),
        ("alpha: 0.6", "alpha: is not a chance from over 0 to 0.5 (write a chance: 0.05)"),
        ("min_requests: 0", "min_requests: must be at least 1"),
        ("notify: [{to: ops, on: [step, step]}]", "notify[0].on: names an occasion twice"),
        (
            "notify: [{to: 'https://CANARY'}]",
            "notify[0].to: is not a name (letters, digits, '.', '_' and '-', at most 63 of them)",
        ),
    ],
)
def test_what_a_field_does_not_take_is_said(line: str, said: str) -> None:
    assert read(line)[1] == [f"f:7: {said}"]


def test_an_unknown_metric_is_told_the_list() -> None:
    (said,) = read("limits: [{metric: latency, over: 1s, on_fail: warn}]")[1]
    assert said.startswith("f:7: limits[0].metric: must be 'error_rate', 'availability'")
