"""A migration file's ramp becomes the words that the machine goes by, or every problem is named."""

from __future__ import annotations

import re

import pytest

from control.files.check import check
from control.files.course import course
from control.files.plan_file import MigrationSheet
from control.files.problems import in_order
from control.files.written import parse
from control.words.criteria import Limit, Metric, OnFail, Scale, Side
from control.words.steps import Course, Gate, Notify, Occasion, Step
from tests.control.files.test_plan_file import SMALLEST

PUBLISHED = """\
steps:
  - {weight: 1, hold: 5m}
  - {weight: 10, hold: 10m}
  - {weight: 50, hold: 15m, gate: approve}
  - {weight: 100, soak: 8h, holdback: 1}
success: {latency_p95: 500ms, error_rate: 1%, cost_per_request: 0.02, quality: 0.92}
limits:
  - {metric: error_rate,       over: 2%,             on_fail: rollback, page: true}
  - {metric: error_rate,       over_baseline: 1.25x, on_fail: rollback, page: true}
  - {metric: latency_p95,      over: 1s,             on_fail: rollback, within: 1h, page: true}
  - {metric: ttft_p95,         over_baseline: 1.5x,  on_fail: step_back}
  - {metric: cost_per_request, over: 0.02,           on_fail: warn}
  - {metric: quality,          under: 0.90,          on_fail: rollback, within: 30m, page: true}
  - {metric: quality,          under_baseline: 5pp,  on_fail: rollback}
alpha: 0.05
min_requests: 300
notify:
  - {to: ops, on: [step, paused, rolled_back, breach, approval, done], every: 30m}
"""


def read(text: str, notifiers: list[str] | None = None) -> tuple[Course, list[str]]:
    file = parse("\n".join([*SMALLEST.values(), text]), "f")
    sheet, wrong = check(MigrationSheet, file)
    assert sheet is not None
    found, problems = course(sheet, file, notifiers)
    return found, [str(problem) for problem in in_order([*wrong, *problems])]


def test_the_published_ramp_is_read() -> None:
    found, problems = read(PUBLISHED, ["ops"])
    assert problems == []
    assert found.steps == (
        Step(share=100, hold_s=300.0),
        Step(share=1_000, hold_s=600.0),
        Step(share=5_000, hold_s=900.0, gate=Gate.APPROVE),
        Step(share=10_000, hold_s=28_800.0, soak=True, holdback=100),
    )
    assert found.limits[1] == Limit(
        metric=Metric.ERROR_RATE,
        side=Side.OVER_BASELINE,
        number=1.25,
        scale=Scale.FACTOR,
        written="1.25x",
        on_fail=OnFail.ROLLBACK,
        page=True,
    )
    assert [limit.key for limit in found.limits] == [
        "error_rate over 2%",
        "error_rate over_baseline 1.25x",
        "latency_p95 over 1s",
        "ttft_p95 over_baseline 1.5x",
        "cost_per_request over 0.02",
        "quality under 0.90",
        "quality under_baseline 5pp",
    ]
    assert [limit.within_s for limit in found.limits] == [
        None,
        None,
        3_600,
        None,
        None,
        1_800,
        None,
    ]
    assert found.success[Metric.LATENCY_P95] == "500ms"
    assert found.notify == (Notify(to="ops", on=tuple(Occasion), every_s=1_800.0),)


def test_a_file_without_a_ramp_has_an_empty_one() -> None:
    assert read("") == (Course(), [])


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("metric: error_rate", ": says none of over, under, over_baseline and under_baseline"),
        (
            "metric: error_rate, over: 2%, over_baseline: 2x",
            ": says more than one of over, under, over_baseline and under_baseline",
        ),
        ("metric: error_rate, over: 2", ".over: is not a percent (write a number and %: 2%, 0.5%)"),
        (
            "metric: error_rate, over_baseline: 25%",
            (
                ".over_baseline: is a percentage of what may be a percentage "
                "(write times the baseline's or percentage points: 1.25x, 5pp)"
            ),
        ),
        (
            "metric: error_rate, under: 2%",
            ".under: error_rate is worse when it is higher: write over or over_baseline",
        ),
        (
            "metric: latency_p95, over_baseline: 5pp",
            (".over_baseline: latency_p95 is no percentage: against the baseline it is in x"),
        ),
    ],
)
def test_a_limit_that_means_nothing_is_refused(limit: str, said: str) -> None:
    found, problems = read(f"limits: [{{{limit}, on_fail: warn}}]")
    assert problems == [f"f:7: limits[0]{said}"]
    assert found == Course()


def test_a_hope_has_its_metrics_unit() -> None:
    assert read("success: {quality: 92%}")[1] == [
        "f:7: success.quality: is not a number (write a score from 0 to 1: 0.9)"
    ]


def test_all_problems_come_at_once() -> None:
    text = "steps: [{weight: 1, hold: 1m, soak: 1h}]\nlimits: [{metric: quality, on_fail: hold}]\n"
    assert [said.split(": ")[1] for said in read(text + "success: {quality: 2}")[1]] == [
        "steps[0].hold",
        "limits[0]",
        "success.quality",
    ]


@pytest.mark.parametrize(
    ("text", "wheres"),
    [
        (
            "steps: [{weight: 1, soak: 1h}, {weight: x}]",
            ["steps", "steps[0].soak", "steps[1].weight"],
        ),
        (
            "limits: [{metric: x}, {metric: quality, on_fail: warn}]",
            ["limits[0].metric", "limits[0].on_fail", "limits[1]"],
        ),
        (
            "limits: [{metric: error_rate, over_baseline: 1.25%}, {metric: x, on_fail: warn}]",
            ["limits[0].on_fail", "limits[0].over_baseline", "limits[1].metric"],
        ),
        ("notify: [{to: ''}, {to: unknown}]", ["notify[0].to", "notify[1].to"]),
        ("limits: {}", ["limits"]),
    ],
)
def test_an_entry_that_cannot_be_read_hides_no_other_problem(text: str, wheres: list[str]) -> None:
    _, problems = read(text, [])
    named = sorted(re.sub(r"^f:\d+: (warning: )?(.*?): .*$", r"\2", said) for said in problems)
    assert named == wheres


def test_an_unreadable_limit_might_have_stopped_the_steps() -> None:
    _, problems = read("steps: [{weight: 1}]\nlimits: [{metric: x, on_fail: rollback}]")
    assert not any("go up without" in said for said in problems)
