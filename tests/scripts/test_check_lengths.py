"""Which files are too long."""

from __future__ import annotations

from scripts.check_lengths import problems


def test_300_lines_are_enough_for_anyone() -> None:
    assert problems({"a.py": 300, "b.py": 1}) == []
    assert problems({"b.py": 301, "a.py": 310}) == [
        "a.py: 310 lines, 10 too many",
        "b.py: 301 lines, 1 too many",
    ]
