"""Tables as rich draws them: in 80 columns, and no text is read as markup."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from control.cli.drawing import drawn, screen
from control.cli.sheet import Sheet


def text_of(sheet: Sheet) -> str:
    out = StringIO()
    Console(file=out, width=80, force_terminal=True, color_system="standard").print(drawn(sheet))
    return out.getvalue()


def test_markup_and_escapes_in_names_stay_text() -> None:
    hostile = "[red]x[/red]\x1b]0;y\x07"
    sheet = Sheet(title=hostile, header=("NAME",), rows=((hostile,),))
    text = text_of(sheet)
    assert text.count("[red]x[/red]\ufffd]0;y\ufffd") == 2


def test_phases_have_their_colours() -> None:
    sheet = Sheet(header=("PHASE",), rows=(("Degraded",), ("Paused",), ("Progressing",)))
    text = text_of(sheet)
    assert "\x1b[1;31mDegraded" in text
    assert "\x1b[33mPaused" in text
    assert "\x1b[32mProgressing" in text


def test_words_of_a_test_have_their_colours() -> None:
    text = text_of(Sheet(header=("TEST",), rows=(("FAIL",), ("pass",), ("failing",))))
    assert "\x1b[1;31mFAIL" in text
    assert "\x1b[32mpass" in text
    assert "31mfailing" not in text


def test_sections_stand_below_each_other_in_the_width_of_the_terminal() -> None:
    sheet = Sheet(title="one", header=("A", "B"), rows=(("x" * 60, "y" * 60),))
    out = StringIO()
    bare = Sheet(header=(), rows=(("step", "2 of 3"),))
    Console(file=out, width=130).print(screen([sheet, bare], 130))
    told = out.getvalue().splitlines()
    assert "x" * 60 + "  " + "y" * 60 in out.getvalue()
    assert [line.rstrip() for line in told[-2:]] == ["", "step  2 of 3"]


def test_a_low_terminal_gets_no_rules() -> None:
    sheet = Sheet(title="one", header=("A", "B"), rows=(("1", "2"),))
    out = StringIO()
    Console(file=out, width=80).print(screen([sheet], 80, ruled=False))
    assert [line.rstrip() for line in out.getvalue().splitlines()] == ["one", "A  B", "1  2"]


def test_a_wide_table_fits() -> None:
    sheet = Sheet(title="t" * 200, header=("A", "B"), rows=(("x" * 100, "y" * 100),))
    out = StringIO()
    Console(file=out, width=80).print(drawn(sheet))
    assert all(len(line) <= 80 for line in out.getvalue().splitlines())
