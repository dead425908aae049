"""`list`, `get` and `history`: the commands that only look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from control.cli import screen, sections, sheets
from control.cli.emit import emit
from control.cli.options import connected, name, output
from control.cli.reach import Reach, reaching
from control.cli.remote import Remote, migration
from control.cli.shapes import read
from control.cli.sheet import Sheet
from control.cli.watch import watch
from control.desk.view import Summary, View
from control.store import Event

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
    _print(answer, form, list[Summary], lambda found: [sheets.of_summaries(found)])


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
@reaching
def get(reach: Reach, name: str, watching: bool, interval: float, form: str) -> None:
    """Shows where a migration stands, and both arms' figures.

    With --watch the view refreshes in place on a terminal; elsewhere each look prints a block of
    plain lines. With -o json and -o yaml each change of the version, the phase or the weight prints
    an object on a line, or a document.

    \b
    crossfade get support-triage
    crossfade get support-triage --watch
    """

    def on_store(url: str) -> object:
        from control.cli import direct  # noqa: PLC0415 - 0.3 s that only --store waits for

        return direct.get(url, name)

    def look() -> object:
        return reach.ask(lambda remote: remote.get(migration(name)), on_store)

    if watching:
        watch(look, form, interval)
        return
    _print(look(), form, View, sections.of_view)


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
    _print(answer, form, list[Event], sheets.of_past)


def _print(answer: object, form: str, shape: type[T], of: Callable[[T], Sequence[Sheet]]) -> None:
    if form == "table":
        screen.show(*of(read(answer, shape)))
    else:
        emit(answer, form, lambda _: ())
