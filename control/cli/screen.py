"""Tables on standard output: drawn on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys

import click

from control.cli import sheet as plain
from control.cli.sheet import Sheet


def on_terminal() -> bool:
    """Whether standard output is a terminal that can move its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def show(sheet: Sheet) -> None:
    """Prints a table once."""
    if not on_terminal() or os.environ.get("NO_COLOR"):
        for line in plain.lines(sheet):
            click.echo(line)
        return
    from control.cli import drawing  # noqa: PLC0415 - rich takes 60 ms

    drawing.show(sheet)
