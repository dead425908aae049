"""Rules between the entries of a ramp."""

from __future__ import annotations

import pytest

from tests.control.files.test_course import read

LIMITED = "limits: [{metric: error_rate, over: 2%, on_fail: hold}]"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "{weight: 5, hold: 1m, soak: 1h}",
            "steps[0].hold: is said beside soak (keep one of them)",
        ),
        (
            "{weight: 5, soak: 1h}, {weight: 10}",
            "steps[0].soak: is for the last step alone (write: hold)",
        ),
        ("{weight: 5, holdback: 1}", "steps[0].holdback: goes with soak"),
        (
            "{weight: 5, soak: 1h, holdback: 6}",
            "steps[0].holdback: is more than the step's weight",
        ),
        (
            "{weight: 5}, {weight: 5}",
            "warning: steps[1].weight: is not above the step before it",
        ),
        (
            "{weight: 99}, {weight: 100, soak: 1h, holdback: 1}",
            "warning: steps[1].weight: is not above the step before it",
        ),
    ],
)
def test_steps_that_do_not_go_together_are_named(steps: str, said: str) -> None:
    assert read(f"steps: [{steps}]\n{LIMITED}")[1] == [f"f:7: {said}"]


def test_a_warning_leaves_the_ramp() -> None:
    assert len(read("steps: [{weight: 5}, {weight: 4}]")[0].steps) == 2


@pytest.mark.parametrize("limits", ["", LIMITED.replace("hold", "warn")])
def test_steps_that_nothing_could_stop_are_a_warning(limits: str) -> None:
    assert read(f"steps: [{{weight: 5}}]\n{limits}")[1] == [
        "f:7: warning: steps: go up without a limit that could stop them"
    ]


def test_a_warning_has_no_deadline() -> None:
    text = "limits: [{metric: error_rate, over: 2%, on_fail: warn, within: 1h}]"
    assert read(text)[1] == [
        "f:7: limits[0].within: is a deadline for nothing (leave it out, or write another on_fail)"
    ]


def test_the_same_limit_twice_is_refused() -> None:
    text = (
        "limits: [{metric: error_rate, over: 2%, on_fail: warn}, "
        "{metric: error_rate, over: 2%, on_fail: hold}]"
    )
    assert read(text)[1] == ["f:7: limits[1]: is there twice"]


def test_nobody_is_told_twice() -> None:
    assert read("notify: [{to: ops}, {to: ops}]")[1] == ["f:7: notify[1]: is there twice"]


def test_a_notifier_has_to_be_known_where_they_are() -> None:
    assert read("notify: [{to: osp}]", ["ops"])[1] == [
        "f:7: notify[0].to: is not one of the notifiers in crossfade.yaml (did you mean ops?)"
    ]
    assert read("notify: [{to: ops}]", [])[1] == [
        "f:7: notify[0].to: is not one of the notifiers in crossfade.yaml (add it to notifiers)"
    ]
    assert read("notify: [{to: ops}]", None)[1] == []
