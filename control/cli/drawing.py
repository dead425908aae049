"""Tables as rich draws them on a terminal, once or in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from control.cli.safe import printable
from control.cli.sheet import GAP, WIDEST, Sheet, columns, cut

COLOURS = (
    ("Degraded", "bold red"),
    ("RollingBack", "bold red"),
    ("Paused", "yellow"),
    ("Progressing", "green"),
    ("Soaking", "green"),
    ("Healthy", "bold green"),
)
TALL = 36  # lines
WORDS = (
    ("FAIL", "bold red"),
    ("breach", "bold red"),
    ("fails", "bold red"),
    ("split", "yellow"),
    ("pass", "green"),
)


def show(sheets: Sequence[Sheet]) -> None:
    """Draws tables below each other once."""
    console = Console()
    console.print(screen(sheets, console.width))


def follow(screens: Iterable[Sequence[Sheet]]) -> None:
    """Draws each screen in the place of the one before; what does not fit is cut at the bottom.

    A low terminal has no lines below the headers: there they would take the place of the events.
    """
    with Live(auto_refresh=False) as live:
        for sheets in screens:
            ruled = live.console.height >= TALL
            live.update(screen(sheets, live.console.width, ruled=ruled), refresh=True)


def screen(sheets: Sequence[Sheet], width: int = WIDEST, *, ruled: bool = True) -> RenderableType:
    """Tables below each other, with a line between them."""
    parts: list[RenderableType] = []
    for sheet in sheets:
        parts += ["", drawn(sheet, width, ruled=ruled)]
    return Group(*parts[1:])


def drawn(sheet: Sheet, width: int = WIDEST, *, ruled: bool = True) -> Table:
    """A table for rich; its texts are never read as markup."""
    widths = columns(sheet, width)
    gap = 1 if sheet.tight else GAP
    table = Table(
        title=None if sheet.title is None else _coloured(printable(sheet.title)),
        title_justify="left",
        box=box.SIMPLE_HEAD if ruled else None,
        show_header=bool(sheet.header),
        show_edge=False,
        pad_edge=False,
        padding=(0, gap - 1 if ruled else gap, 0, 0),  # a box has a column of its own between two
        collapse_padding=True,
    )
    for name, room in zip(sheet.header or [""] * len(widths), widths, strict=True):
        table.add_column(Text(cut(name, room)), width=room, no_wrap=True)
    for row in sheet.rows:
        table.add_row(*(_coloured(cut(cell, room)) for cell, room in zip(row, widths, strict=True)))
    return table


def _coloured(cell: str) -> Text:
    text = Text(cell)
    for word, colour in WORDS:
        if cell == word:
            text.stylize(colour)
    for phase, colour in COLOURS:
        text.highlight_words([phase], colour)
    return text
