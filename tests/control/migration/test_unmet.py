"""What a step waits for, in words; no data is never a pass."""

from __future__ import annotations

import msgspec
import pytest

from control.migration.progress import Stage
from control.migration.unmet import unmet
from control.words.criteria import OnFail
from control.words.steps import Step
from control.words.verdict import Standing, Verdict
from tests.control.ramps import (
    BEGAN_S,
    ERRORS,
    RELATIVE,
    breach,
    course,
    frozen,
    judged,
    limit,
    pending,
    ramp,
    verdict,
)

DONE_S = BEGAN_S + 300


def test_nothing_is_missing_once_the_hold_is_over_and_every_limit_kept() -> None:
    assert unmet(ramp().entry, verdict(), DONE_S) == ()


def test_without_a_step_nothing_is_waited_for() -> None:
    assert unmet(pending().entry, verdict(), DONE_S) == ()
    assert unmet(ramp(None).entry, verdict(), DONE_S) == ()


def test_everything_missing_is_named() -> None:
    says = verdict(judged(ERRORS, Standing.FAIL), requests=1_120)
    known = ramp(of=course(ERRORS, RELATIVE))
    assert unmet(known.entry, says, DONE_S - 90) == (
        "1m30s of its hold",
        "an end to the breach of 'error_rate over 2%'",
        "more data for 'error_rate over_baseline 1.25x'",
    )
    assert unmet(known.entry, Verdict(requests=12), DONE_S)[0] == "12 of 300 requests"


def test_a_candidate_that_workers_spare_is_not_sent_more() -> None:
    """Five failures in a row on each worker are too few for a test, and no more will come."""
    spared = msgspec.structs.replace(verdict(), spared="breakers to be closed")
    assert unmet(ramp().entry, spared, DONE_S) == ("breakers to be closed",)


def test_limits_that_lack_the_same_are_named_together() -> None:
    known = ramp(of=course(ERRORS, RELATIVE))
    assert unmet(known.entry, Verdict(requests=500), DONE_S) == (
        "more data for 'error_rate over 2%', 'error_rate over_baseline 1.25x'",
    )


def test_a_worker_that_tells_nothing_keeps_the_step() -> None:
    says = msgspec.structs.replace(verdict(), silent="worker a is live")
    assert unmet(ramp().entry, says, DONE_S) == ("every worker to report (worker a is live)",)


@pytest.mark.parametrize("standing", [Standing.FAIL, Standing.INCONCLUSIVE])
@pytest.mark.parametrize("on_fail", OnFail)
def test_a_limit_that_only_warns_keeps_nothing_back(on_fail: OnFail, standing: Standing) -> None:
    of = limit(on_fail)
    missing = unmet(ramp(of=course(of)).entry, verdict(judged(of, standing)), DONE_S)
    assert bool(missing) is (on_fail is not OnFail.WARN)


def test_a_dismissed_breach_keeps_nothing_back() -> None:
    known = ramp(breaches=(breach(Stage.DISMISSED),))
    assert unmet(known.entry, verdict(judged(standing=Standing.FAIL)), DONE_S) == ()


def test_a_deadline_that_runs_keeps_the_step() -> None:
    assert unmet(frozen(held_s=300.0).entry, verdict(), DONE_S) == (
        "'error_rate over 2%' to be dismissed or due",
    )


@pytest.mark.parametrize(("holdback", "missing"), [(0, 0), (100, 1)])
def test_at_100_percent_there_is_no_baseline_to_ask_for(holdback: int, missing: int) -> None:
    steps = (Step(share=10_000, hold_s=300.0, soak=True, holdback=holdback),)
    known = ramp(of=course(ERRORS, RELATIVE, steps=steps))
    says = verdict(judged(), judged(RELATIVE, Standing.INCONCLUSIVE))
    assert len(unmet(known.entry, says, DONE_S)) == missing


def test_at_weight_0_the_hold_is_all_that_is_asked() -> None:
    known = ramp(of=course(steps=(Step(share=0, hold_s=300.0), Step(share=100))))
    assert unmet(known.entry, Verdict(), DONE_S) == ()
    assert unmet(known.entry, Verdict(), DONE_S - 1) == ("1s of its hold",)


def test_a_step_that_soaks_waits_for_its_soak() -> None:
    known = ramp(of=course(steps=(Step(share=0, hold_s=300.0, soak=True),)))
    assert unmet(known.entry, Verdict(), DONE_S - 1) == ("1s of its soak",)
