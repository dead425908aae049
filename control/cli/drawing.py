"""Tables as rich draws them on a terminal, once or in place."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from control.cli.safe import printable
from control.cli.sheet import Sheet

COLOURS = (("Degraded", "bold red"), ("Paused", "yellow"), ("Progressing", "green"))


def show(sheet: Sheet) -> None:
    """Draws a table once."""
    Console().print(drawn(sheet))


def follow(sheets: Iterable[Sheet]) -> None:
    """Draws each table in the place of the one before."""
    with Live(auto_refresh=False) as live:
        for sheet in sheets:
            live.update(drawn(sheet), refresh=True)


def drawn(sheet: Sheet) -> Table:
    """A table for rich; its texts are never read as markup."""
    table = Table(
        title=None if sheet.title is None else _coloured(sheet.title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in sheet.header:
        table.add_column(Text(column), overflow="ellipsis", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*map(_coloured, row))
    return table


def _coloured(cell: str) -> Text:
    text = Text(printable(cell))
    for phase, colour in COLOURS:
        text.highlight_words([phase], colour)
    return text
