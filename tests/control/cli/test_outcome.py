"""Exit codes: the published ones."""

from __future__ import annotations

from control.cli.outcome import Exit, Refusal, TimedOut, Unreachable


def test_the_exit_codes_are_the_published_ones() -> None:
    assert [(code.name, code.value) for code in Exit] == [
        ("DONE", 0),
        ("REFUSED", 1),
        ("USAGE", 2),
        ("WAITED", 3),
        ("UNREACHABLE", 4),
    ]
    codes = [kind("x").exit_code for kind in (Refusal, TimedOut, Unreachable)]
    assert codes == [1, 3, 4]


def test_a_message_keeps_its_lines_and_loses_its_escapes() -> None:
    assert Refusal("one\n  \x1b]0;two\x07").message == "one\n  \ufffd]0;two\ufffd"
