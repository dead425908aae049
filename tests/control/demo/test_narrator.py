"""How the story is told, as text."""

from __future__ import annotations

import io

import pytest

from control.demo.narrator import Narrator


def told(*, colours: bool) -> str:
    out = io.StringIO()
    narrator = Narrator(out, colours=colours)
    narrator.title("title")
    narrator.scene("first")
    narrator.typed("crossfade list")
    narrator.answered("a\n\nb\n")
    narrator.say("so")
    narrator.good("seen")
    narrator.scene("second")
    narrator.share(1, 4)
    narrator.word("wo")
    narrator.word("rd\n")
    return out.getvalue()


def test_without_colours_it_is_plain_text() -> None:
    lines = told(colours=False).splitlines()
    assert lines[0] == "title"
    assert lines[1:10] == [
        "",
        "1. first",
        "   $ crossfade list",
        "   a",
        "",
        "   b",
        "   so",
        "   ✓ seen",
        "",
    ]
    assert lines[10] == "2. second"
    assert lines[11].endswith(" candidate 1 of 4 = 25.0%")
    assert lines[12] == "word"


def test_an_answer_as_wide_as_the_terminal_is_not_set_in() -> None:
    out = io.StringIO()
    narrator = Narrator(out, colours=False, columns=10)
    narrator.answered("1234567\nab")
    narrator.answered("12345678\nab")
    assert out.getvalue() == "   1234567\n   ab\n12345678\nab\n"


def test_colours_change_no_word() -> None:
    coloured = told(colours=True)
    assert "\x1b[1mtitle\x1b[0m" in coloured
    assert "\x1b[m" not in coloured


@pytest.mark.parametrize(("part", "long"), [(0, 0), (1, 12), (2, 25), (4, 50)])
def test_the_bar_is_as_long_as_the_share(part: int, long: int) -> None:
    out = io.StringIO()
    Narrator(out, colours=False).share(part, 4)
    assert out.getvalue().count("█") == long
    assert out.getvalue().count("░") == 50 - long
