"""A judge that knows nothing claims nothing."""

from __future__ import annotations

from control.evidence import Evidence
from control.judge import Judge, Unjudged


def test_where_nobody_measures_there_is_neither_verdict_nor_evidence() -> None:
    judge: Judge = Unjudged()
    assert judge.verdict("triage") is None
    assert judge.evidence("triage") == Evidence()
