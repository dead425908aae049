"""`get --watch`: a table that refreshes in place on a terminal, a line a change elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import click

from control.cli import screen, sheets
from control.cli.emit import emit
from control.cli.outcome import TimedOut, Unreachable
from control.cli.shapes import read
from control.cli.sheet import Sheet
from control.view import View

LOST = "the control plane cannot be reached"

Look = Callable[[], object]


def watch(look: Look, form: str, interval_s: float) -> None:
    """Goes on until interrupted, which is its good end.

    The first look must succeed; a control plane that is lost later on is waited for.
    """
    try:
        looks = _looks(look, interval_s)
        if form == "table" and screen.on_terminal():
            _in_place(looks)
        else:
            _line_by_line(looks, form)
    except KeyboardInterrupt:
        click.echo(err=True)


def _looks(look: Look, interval_s: float) -> Iterator[object]:
    """Answers, and None for each look that failed."""
    yield look()
    while True:
        time.sleep(interval_s)
        try:
            yield look()
        except (Unreachable, TimedOut):
            yield None


def _in_place(looks: Iterator[object]) -> None:
    from control.cli import drawing  # noqa: PLC0415 - rich takes 60 ms

    drawing.follow(_sheets(looks))


def _sheets(looks: Iterator[object]) -> Iterator[Sheet]:
    """A table for each look; a failed one keeps the last figures and says so."""
    last = Sheet(header=(), rows=())
    for answer in looks:
        if answer is None:
            yield replace(last, title=f"{LOST}; until then: {last.title}")
        else:
            last = sheets.of_view(read(answer, View))
            yield last


def _line_by_line(looks: Iterator[object], form: str) -> None:
    shown: tuple[object, ...] | None = None
    lost = False
    for answer in looks:
        if answer is None:
            if not lost:
                click.echo(f"{LOST}; waiting for it", err=True)
            lost = True
            continue
        lost = False
        view = read(answer, View)
        standing = (view.version, view.phase, view.weights)
        if standing != shown:
            _tell(answer, view, form)
        shown = standing


def _tell(answer: object, view: View, form: str) -> None:
    match form:
        case "json":
            click.echo(json.dumps(answer, ensure_ascii=False))
        case "yaml":
            click.echo("---")
            emit(answer, form, lambda _: ())
        case _:
            emit(answer, form, lambda _: [sheets.line_of(view)])
