"""control/guard/finding.py: from what a test found to the ruling and its sentence."""

from __future__ import annotations

from math import log

import pytest

from control.guard.counting import Row
from control.guard.finding import Finding, Seen, Working, rule, unasked
from control.words.verdict import Standing
from tests.control.guard.cases import ABSOLUTE, question

ASKED = question(ABSOLUTE, alpha=0.01)
SEEN = Seen(told="the candidate failed 37 of 742 requests (5.0 %)", candidate=0.05, samples=742)


def found(log_e: float, *, lack: str | None = None, threshold: float | None = None) -> Finding:
    bar = ASKED.threshold if threshold is None else threshold
    return Finding(seen=SEEN, working=Working(test="", log_e=log_e, threshold=bar), lack=lack)


def test_the_threshold_is_what_alpha_allows() -> None:
    assert ASKED.threshold == pytest.approx(log(100))


def test_enough_evidence_fails_whatever_is_lacking() -> None:
    judgement = rule(ASKED, found(log(12_345), lack="too little"))
    assert judgement.standing is Standing.FAIL
    assert judgement.sentence == (
        "error_rate over 2%: the candidate failed 37 of 742 requests (5.0 %); by chance this "
        "happens less than once in 12,000 migrations: breach."
    )


def begun(*log_es: float) -> Finding:
    """No hit in 700 trials of the first start, 11 in the 44 of the second."""
    rows = tuple(
        Row(
            epoch=epoch,
            quarter=0,
            candidate=hits,
            candidate_trials=trials,
            baseline=0,
            baseline_trials=99,
        )
        for epoch, (hits, trials) in enumerate(((0, 700), (11, 44)))
    )
    working = Working(
        test="", log_e=9.0, threshold=4.6, rows=rows, starts=(0, 1), begun=log_es, planned=8
    )
    return Finding(seen=SEEN, working=working, lack=None)


def test_a_breach_by_a_late_part_of_the_evidence_says_what_was_seen_there() -> None:
    sentence = rule(ASKED, begun(0.2, 11.0)).sentence
    assert "requests (5.0 %); 11 of the last 44 (25.0 %); by chance" in sentence


@pytest.mark.parametrize("log_es", [(11.0, 11.0), (11.0, 0.0), (11.0,)])
def test_where_the_whole_tells_as_much_no_part_is_named(log_es: tuple[float, ...]) -> None:
    assert "of the last" not in rule(ASKED, begun(*log_es)).sentence


def test_evidence_that_just_reaches_the_threshold_fails() -> None:
    assert rule(ASKED, found(ASKED.threshold)).standing is Standing.FAIL


def test_a_threshold_for_two_sides_leaves_the_odds_to_alpha() -> None:
    judgement = rule(ASKED, found(log(201), threshold=log(200)))
    assert "less than once in 100 migrations" in judgement.sentence


def test_what_lacks_is_never_passed() -> None:
    judgement = rule(ASKED, found(1.0, lack="the candidate had too few"))
    assert judgement.standing is Standing.INCONCLUSIVE
    assert judgement.sentence.endswith("(5.0 %); the candidate had too few.")


def test_what_neither_fails_nor_lacks_passes() -> None:
    judgement = rule(ASKED, found(1.0))
    assert judgement.standing is Standing.PASS
    assert judgement.sentence.endswith("(5.0 %): no breach.")
    assert (judgement.evidence, judgement.alpha, judgement.samples) == (1.0, 0.01, 742)


def test_a_question_that_was_not_put_is_open_and_says_why() -> None:
    judgement = rule(ASKED, unasked(ASKED, "nothing was measured"))
    assert judgement.standing is Standing.INCONCLUSIVE
    assert judgement.sentence == "error_rate over 2%: nothing was measured."
