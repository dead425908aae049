"""Tables as rich draws them on a terminal, once or in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from control.cli.safe import printable
from control.cli.sheet import Sheet

COLOURS = (
    ("Degraded", "bold red"),
    ("RollingBack", "bold red"),
    ("Paused", "yellow"),
    ("Progressing", "green"),
    ("Soaking", "green"),
    ("Healthy", "bold green"),
)
WORDS = (("FAIL", "bold red"), ("breach", "bold red"), ("split", "yellow"), ("pass", "green"))


def show(sheets: Sequence[Sheet]) -> None:
    """Draws tables below each other once."""
    Console().print(screen(sheets))


def follow(screens: Iterable[Sequence[Sheet]]) -> None:
    """Draws each screen in the place of the one before; what does not fit is cut at the bottom."""
    with Live(auto_refresh=False) as live:
        for sheets in screens:
            live.update(screen(sheets), refresh=True)


def screen(sheets: Sequence[Sheet]) -> RenderableType:
    """Tables below each other, with a line between them."""
    parts: list[RenderableType] = []
    for sheet in sheets:
        parts += ["", drawn(sheet)]
    return Group(*parts[1:])


def drawn(sheet: Sheet) -> Table:
    """A table for rich; its texts are never read as markup."""
    table = Table(
        title=None if sheet.title is None else _coloured(sheet.title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=bool(sheet.header),
        show_edge=False,
        pad_edge=False,
        collapse_padding=sheet.tight,
    )
    columns = sheet.header or [""] * max(map(len, sheet.rows), default=0)
    for column in columns:
        table.add_column(Text(column), overflow="ellipsis", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*map(_coloured, row))
    return table


def _coloured(cell: str) -> Text:
    text = Text(printable(cell))
    for word, colour in WORDS:
        if cell == word:
            text.stylize(colour)
    for phase, colour in COLOURS:
        text.highlight_words([phase], colour)
    return text
