"""`promote`: the next step at once, which asks on a terminal."""

from __future__ import annotations

import sys

import click

from control.cli import told
from control.cli.figures import percent
from control.cli.options import Ask, changing, name
from control.cli.outcome import Refusal
from control.cli.remote import Remote, migration
from control.cli.safe import printable
from control.cli.shapes import read
from control.desk.view import View


@click.command()
@name
@click.option("--full", is_flag=True, help="To weight 100, whatever steps are left.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@changing
def promote(remote: Remote, name: str, full: bool, yes: bool, ask: Ask, form: str) -> None:
    """Goes to the next step at once.

    What is left of the hold, of the requests and of an approval is passed over; an open breach is
    not. On a terminal it shows what it is about to do, and asks; if the migration changes while it
    asks, it is refused.

    \b
    crossfade promote support-triage
    crossfade promote support-triage --full --yes --reason "deadline"
    """
    if not yes and sys.stdin.isatty():
        ask = {"expected_version": _confirmed(read(remote.get(migration(name)), View), full)} | ask
    told.change(remote.post(migration(name, "promote"), ask | {"full": full}), form)


def _confirmed(view: View, full: bool) -> int:
    """The version that was shown and said yes to. Refuses otherwise."""
    click.echo(
        printable(f"{view.name}: {view.phase}, {_from(view)} -> {_to(view, full)}"), err=True
    )
    if not click.confirm("Promote?", err=True):
        raise Refusal("nothing was done")
    return view.version


def _from(view: View) -> str:
    weight = percent(view.weights.candidate)
    if view.step is None:
        return weight
    waits = ", ".join(view.step.awaiting)
    skipped = f", passing over {waits}" if waits else ""
    return f"step {view.step.index} of {view.step.of} at {weight}{skipped}"


def _to(view: View, full: bool) -> str:
    if full:
        return percent(100)
    if view.step is None:
        return "the next step"
    if view.step.index == view.step.of:
        return "the end"
    return percent(view.steps[view.step.index].weight)
