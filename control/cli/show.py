"""`list`, `get` and `history`: the commands that only look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from control.cli import screen, sheets
from control.cli.emit import emit
from control.cli.options import connected, name, output
from control.cli.remote import Remote, migration
from control.cli.shapes import read
from control.cli.sheet import Sheet
from control.cli.watch import watch
from control.store import Event
from control.view import Summary, View

T = TypeVar("T")


@click.command("list")
@output
@connected
def list_(remote: Remote, form: str) -> None:
    """Lists every migration: phase, weight, and why.

    \b
    crossfade list
    crossfade list -o json
    """
    answer = remote.get("/api/migrations")
    _print(answer, form, list[Summary], sheets.of_summaries)


@click.command()
@name
@click.option("-w", "--watch", "watching", is_flag=True, help="Go on until interrupted.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often --watch looks.",
)
@output
@connected
def get(remote: Remote, name: str, watching: bool, interval: float, form: str) -> None:
    """Shows where a migration stands, and both arms' figures.

    With --watch the table refreshes in place on a terminal; elsewhere each change of the version
    or the phase prints a line (with -o json: an object on a line, with -o yaml: a document).

    \b
    crossfade get support-triage
    crossfade get support-triage --watch
    """
    if watching:
        watch(lambda: remote.get(migration(name)), form, interval)
        return
    _print(remote.get(migration(name)), form, View, sheets.of_view)


@click.command()
@name
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1000),
    default=50,
    show_default=True,
    metavar="N",
    help="At most so many events.",
)
@output
@connected
def history(remote: Remote, name: str, limit: int, form: str) -> None:
    """Shows what happened to a migration, and why.

    The latest comes first.

    \b
    crossfade history support-triage
    crossfade history support-triage -n 5 -o yaml
    """
    answer = remote.get(migration(name, f"history?limit={limit}"))
    _print(answer, form, list[Event], sheets.of_events)


def _print(answer: object, form: str, shape: type[T], sheet: Callable[[T], Sheet]) -> None:
    if form == "table":
        screen.show(sheet(read(answer, shape)))
    else:
        emit(answer, form, lambda _: ())
