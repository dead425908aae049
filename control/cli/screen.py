"""Tables on standard output: drawn on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from control.cli import sheet as plain
from control.cli.sheet import Sheet


def on_terminal() -> bool:
    """Whether standard output is a terminal that can move its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def show(*sheets: Sheet) -> None:
    """Prints tables below each other, once."""
    if not on_terminal() or os.environ.get("NO_COLOR"):
        print_plain(sheets)
        return
    from control.cli import drawing  # noqa: PLC0415 - rich takes 60 ms

    drawing.show(sheets)


def print_plain(sheets: Sequence[Sheet]) -> None:
    """Prints tables as plain lines of at most 80 columns, with an empty one between them."""
    for at, sheet in enumerate(sheets):
        if at:
            click.echo()
        for line in plain.lines(sheet):
            click.echo(line)
