"""The page about the ramp has the transition table of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.migration.ledger import Verb
from scripts import draw_phases

ROOT = Path(__file__).parents[2]


def test_the_published_table_is_that_of_the_code() -> None:
    """`python -m scripts.draw_phases` mends this."""
    page = (ROOT / draw_phases.PAGE).read_text(encoding="utf-8")
    assert draw_phases.replaced(page) == page


def test_every_verb_has_a_row_with_its_refusals() -> None:
    rows = draw_phases.drawn().splitlines()
    assert [row.split("`")[1] for row in rows[2:]] == [verb.value for verb in Verb]
    assert next(row for row in rows if "`start`" in row).endswith("| *completed* | *latched* |")
    assert next(row for row in rows if "`rollback`" in row).endswith("| Degraded | · |")


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        draw_phases.replaced("# A page\n")


def test_the_table_is_written_into_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    page = tmp_path / draw_phases.PAGE
    page.write_text(f"before\n{draw_phases.BEGIN}outdated\n{draw_phases.END}after\n")
    draw_phases.main()
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert draw_phases.drawn() in text
    assert "outdated" not in text
