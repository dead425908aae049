"""What all judgements are worth together."""

from __future__ import annotations

import pytest

from control.words.criteria import OnFail
from control.words.verdict import Judgement, Standing, Verdict
from tests.control.ramps import judged, limit

PASS, FAIL, OPEN = Standing.PASS, Standing.FAIL, Standing.INCONCLUSIVE
WARN, HOLD, STEP_BACK, ROLLBACK = OnFail


def judgement(standing: Standing, on_fail: OnFail = ROLLBACK, written: str = "2%") -> Judgement:
    return judged(limit(on_fail, written=written), standing)


@pytest.mark.parametrize(
    ("judged", "waiting", "standing"),
    [
        ([], None, PASS),
        ([], "too little", OPEN),
        ([(PASS, ROLLBACK)], None, PASS),
        ([(PASS, ROLLBACK)], "too little", OPEN),
        ([(OPEN, ROLLBACK), (PASS, HOLD)], None, OPEN),
        ([(OPEN, ROLLBACK), (FAIL, HOLD)], "too little", FAIL),
        ([(FAIL, WARN), (PASS, HOLD)], None, PASS),
        ([(OPEN, WARN), (PASS, HOLD)], None, PASS),
    ],
)
def test_a_breach_comes_before_what_is_open_and_that_before_a_pass(
    judged: list[tuple[Standing, OnFail]], waiting: str | None, standing: Standing
) -> None:
    judgements = tuple(judgement(*each) for each in judged)
    assert Verdict(judgements=judgements, waiting=waiting).standing is standing


def test_breaches_are_the_failed_ones_with_the_hardest_consequence_first() -> None:
    soft, hard = judgement(FAIL, WARN, "1%"), judgement(FAIL, ROLLBACK, "2%")
    middle, fine = judgement(FAIL, STEP_BACK, "3%"), judgement(PASS, ROLLBACK, "4%")
    verdict = Verdict(judgements=(soft, fine, middle, hard))
    assert verdict.breaches == (hard, middle, soft)


def test_breaches_of_one_consequence_keep_the_order_of_the_file() -> None:
    some = tuple(judgement(FAIL, HOLD, written) for written in ("1%", "2%", "3%"))
    assert Verdict(judgements=some).breaches == some
