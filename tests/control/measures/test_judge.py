"""A judge that knows nothing claims nothing."""

from __future__ import annotations

from control.measures.judge import Judge, Unjudged
from control.words.evidence import Evidence


def test_where_nobody_measures_there_is_neither_verdict_nor_evidence() -> None:
    judge: Judge = Unjudged()
    assert judge.verdict("triage") is None
    assert judge.evidence("triage") == Evidence()
