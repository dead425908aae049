"""Tables as plain lines: aligned, at most 80 columns, nothing that moves a cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from control.cli.sheet import WIDEST, Sheet, fitted, lines

CELLS = st.lists(st.text(max_size=120), min_size=3, max_size=3).map(tuple)


def test_columns_are_aligned() -> None:
    sheet = Sheet(title="all", header=("NAME", "PHASE"), rows=(("a", "Pending"), ("bcdefg", "x")))
    assert list(lines(sheet)) == ["all", "NAME    PHASE", "a       Pending", "bcdefg  x"]


@given(st.none() | st.text(max_size=200), CELLS, st.lists(CELLS, max_size=5))
def test_no_line_is_wider_than_80_columns(
    title: str | None, header: tuple[str, ...], rows: list[tuple[str, ...]]
) -> None:
    for line in lines(Sheet(title=title, header=header, rows=tuple(rows))):
        assert len(line) <= WIDEST
        assert line.isprintable()


def test_only_the_widest_column_gives_way() -> None:
    assert fitted([10, 100, 10]) == [10, 56, 10]
    assert fitted([10, 20]) == [10, 20]


def test_a_cut_cell_shows_that_it_was_cut() -> None:
    (line, _) = lines(Sheet(header=("x" * 90,), rows=(("y",),)))
    assert line == "x" * 79 + "…"
