"""Draws the transition table into docs/ramp.md; a test demands that it is current.

`python -m scripts.draw_phases` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from control.migration.ledger import Phase, Verb
from control.migration.phases import TABLE, Outcome
from control.refusal import Code

PAGE = Path("docs/ramp.md")
BEGIN, END = "<!-- the table: scripts/draw_phases.py -->\n", "<!-- the end of the table -->\n"

# Nothing leads to these phases yet; RollingBack is shown, never stored.
_LEFT_OUT = (Phase.BASELINING, Phase.SHADOWING, Phase.ROLLING_BACK)


def drawn() -> str:
    """The table in Markdown: a row for each verb, a column for each phase."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in _rows())


def replaced(page: str) -> str:
    """The page with the table of now. Raises ValueError where the page has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the table")
    return f"{before}{begin}\n{drawn()}\n{end}{after}"


def main() -> None:
    """Write the working directory's page anew."""
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _rows() -> Iterator[list[str]]:
    phases = [phase for phase in Phase if phase not in _LEFT_OUT]
    yield ["verb", *phases]
    yield ["---"] * (len(phases) + 1)
    for verb in Verb:
        yield [f"`{verb}`", *(_cell(phase, TABLE[verb][phase]) for phase in phases)]


def _cell(phase: Phase, outcome: Outcome) -> str:
    if isinstance(outcome, Code):
        return f"*{outcome}*"
    if outcome == {phase}:
        return "·"
    return ", ".join(each for each in Phase if each in outcome)


if __name__ == "__main__":
    main()
