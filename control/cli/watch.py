"""`get --watch`: in place on a terminal, elsewhere block after block, or a record a change."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import click

from control.cli import screen, sections
from control.cli.emit import emit
from control.cli.outcome import TimedOut, Unreachable
from control.cli.shapes import read
from control.cli.sheet import Sheet
from control.desk.view import View

LOST = "the control plane cannot be reached"

Look = Callable[[], object]


def watch(look: Look, form: str, interval_s: float) -> None:
    """Goes on until interrupted, which is its good end.

    The first look must succeed; a control plane that is lost later on is waited for.
    """
    try:
        looks = _looks(look, interval_s)
        if form != "table":
            _changes(looks, form)
        elif screen.on_terminal():
            _in_place(looks)
        else:
            _blocks(looks)
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

    drawing.follow(_screens(looks))


def _screens(looks: Iterator[object]) -> Iterator[tuple[Sheet, ...]]:
    """A screen for each look; a failed one keeps the last figures and says so."""
    last: tuple[Sheet, ...] = ()
    for answer in looks:
        if answer is not None:
            last = sections.of_view(read(answer, View), brief=True)
            yield last
            continue
        first, *others = last
        yield (replace(first, title=f"{LOST}; until then: {first.title}"), *others)


def _blocks(looks: Iterator[object]) -> None:
    """A block of plain lines for each look that was answered."""
    for at, answer in enumerate(_answered(looks)):
        if at:
            click.echo()
        screen.print_plain(sections.of_view(read(answer, View), brief=True))


def _changes(looks: Iterator[object], form: str) -> None:
    """A record for each change of the version, the phase or the weight."""
    shown: tuple[object, ...] | None = None
    for answer in _answered(looks):
        view = read(answer, View)
        standing = (view.version, view.phase, view.weights)
        if standing != shown:
            _tell(answer, form)
        shown = standing


def _answered(looks: Iterator[object]) -> Iterator[object]:
    """The answers alone; a control plane that is lost is told of once."""
    lost = False
    for answer in looks:
        if answer is not None:
            yield answer
        elif not lost:
            click.echo(f"{LOST}; waiting for it", err=True)
        lost = answer is None


def _tell(answer: object, form: str) -> None:
    if form == "json":
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo("---")
    emit(answer, form, lambda _: ())
