"""Text for a terminal: nothing in it moves the cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from control.cli.safe import printable


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    safe = printable(text)
    assert safe.isprintable()
    assert len(safe) == len(text)
    assert safe == text or not text.isprintable()
