"""control.lines: sentences that are broken where they may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from control.lines import fitted


def test_a_sentence_is_set_in_as_it_is_told_to() -> None:
    told = fitted("one two three", 9, first="  ", later="    ")
    assert told == ["  one two", "    three"]


def test_a_percent_stays_on_the_line_of_its_number() -> None:
    assert fitted("x" * 8 + " 3.1 %: breach", 12) == ["x" * 8, "3.1 %:", "breach"]


def test_what_is_too_much_ends_in_an_ellipsis() -> None:
    assert fitted("one two three four", 7, most=2) == ["one two", "three …"]


@given(st.lists(st.from_regex(r"[a-z]{1,9}|[0-9]{1,3} %", fullmatch=True)), st.integers(12, 90))
def test_no_line_is_too_long_and_no_word_is_lost(words: list[str], width: int) -> None:
    lines = fitted(" ".join(words), width)
    assert all(len(line) <= width for line in lines)
    assert " ".join(lines) == " ".join(words)
    assert not any(line.startswith("%") for line in lines)
