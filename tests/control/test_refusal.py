"""Refusals: the sentence is the exception's text, so that no log has to look inside."""

from __future__ import annotations

from control.refusal import Code, DeskError


def test_a_refusal_reads_as_its_sentence() -> None:
    refused = DeskError(Code.LATCHED, "triage was rolled back", current=3, problems=("one",))
    assert str(refused) == "triage was rolled back"
    assert (refused.code, refused.current, refused.problems) == (Code.LATCHED, 3, ("one",))


def test_codes_are_words_that_a_program_can_compare() -> None:
    assert all(code.value == code.name.lower() for code in Code)
