"""A table as values, and the same as plain aligned lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from control.cli.safe import printable

GAP = 2
WIDEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with a line above it; every row has as many cells as the header, if there is one.

    A `tight` one has one space between its columns instead of two.
    """

    title: str | None = None
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tight: bool = False


def lines(sheet: Sheet) -> Iterable[str]:
    """The table as lines of at most 80 columns: cells that are too long end in an ellipsis."""
    if sheet.title is not None:
        yield cut(sheet.title, WIDEST)
    gap = 1 if sheet.tight else GAP
    widths = columns(sheet, WIDEST)
    for row in _table(sheet):
        cells = (cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (" " * gap).join(cells).rstrip()


def columns(sheet: Sheet, within: int) -> list[int]:
    """The columns' widths, so that all of them fit."""
    table = _table(sheet)
    natural = [max(len(row[at]) for row in table) for at in range(len(table[0]) if table else 0)]
    return fitted(natural, 1 if sheet.tight else GAP, within)


def fitted(widths: Sequence[int], gap: int = GAP, within: int = WIDEST) -> list[int]:
    """The columns' widths, the widest shortened until all of them fit, but none below one."""
    fit = list(widths)
    while sum(fit) + gap * (len(fit) - 1) > within and max(fit) > 1:
        widest = max(range(len(fit)), key=lambda at: fit[at])
        fit[widest] -= 1
    return fit


def _table(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row for row in (sheet.header, *sheet.rows) if row]


def cut(text: str, width: int) -> str:
    """The text without control characters, in at most so many columns."""
    safe = printable(text)
    return safe if len(safe) <= width else safe[: width - 1] + "…"
