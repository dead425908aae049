"""Tables as rich draws them on a terminal, once or in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from control.cli.safe import printable
from control.cli.sheet import WIDEST, Sheet, columns, cut

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
    console = Console()
    console.print(screen(sheets, console.width))


def follow(screens: Iterable[Sequence[Sheet]]) -> None:
    """Draws each screen in the place of the one before; what does not fit is cut at the bottom."""
    with Live(auto_refresh=False) as live:
        for sheets in screens:
            live.update(screen(sheets, live.console.width), refresh=True)


def screen(sheets: Sequence[Sheet], width: int = WIDEST) -> RenderableType:
    """Tables below each other, with a line between them."""
    parts: list[RenderableType] = []
    for sheet in sheets:
        parts += ["", drawn(sheet, width)]
    return Group(*parts[1:])


def drawn(sheet: Sheet, width: int = WIDEST) -> Table:
    """A table for rich; its texts are never read as markup."""
    widths = columns(sheet, width)
    table = Table(
        title=None if sheet.title is None else _coloured(printable(sheet.title)),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=bool(sheet.header),
        show_edge=False,
        pad_edge=False,
        padding=0 if sheet.tight else (0, 1),
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
