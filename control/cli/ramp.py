"""`start`, `pause`, `resume`, `approve`, `reject`, `dismiss`: the commands that steer a ramp."""

from __future__ import annotations

import click

from control.cli import told
from control.cli.options import Ask, changing, name
from control.cli.remote import Remote, migration


@click.command()
@name
@changing
def start(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Begins a migration's ramp with its first step.

    From then on the ramp goes on by itself: each step is held, judged, and followed by the next.
    `crossfade plan` says beforehand how long that takes and what it can detect.

    \b
    crossfade start support-triage
    """
    told.change(remote.post(migration(name, "start"), ask), form)


@click.command()
@name
@changing
def pause(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Stops a ramp at the weight that it has, until `resume`.

    \b
    crossfade pause support-triage --reason "release freeze"
    """
    told.change(remote.post(migration(name, "pause"), ask), form)


@click.command()
@name
@changing
def resume(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Lets a paused ramp go on.

    It goes on from the step whose weight is in force. After a step back or a rejection it needs a
    reason.

    \b
    crossfade resume support-triage
    crossfade resume support-triage --reason "prompt fixed"
    """
    told.change(remote.post(migration(name, "resume"), ask), form)


@click.command()
@name
@changing
def approve(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Opens the gate of the step that the ramp is at.

    Also ahead of time. It is of this step alone.

    \b
    crossfade approve support-triage --reason "50 answers read"
    """
    told.change(remote.post(migration(name, "approve"), ask), form)


@click.command()
@name
@changing
def reject(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Goes back from a step that waits for approval, paused.

    To the weight of the step before. `resume` with a reason goes on.

    \b
    crossfade reject support-triage --reason "answers are too short"
    """
    told.change(remote.post(migration(name, "reject"), ask), form)


@click.command()
@name
@click.option("--limit", metavar="KEY", help="One limit alone, as `get` names it.")
@changing
def dismiss(remote: Remote, name: str, limit: str | None, ask: Ask, form: str) -> None:
    """Lets nothing follow from a breach whose deadline runs.

    It needs a reason, and an owner's token where tokens have roles. It holds for this step.

    \b
    crossfade dismiss support-triage --reason "provider outage, over now"
    crossfade dismiss support-triage --limit "latency_p95 over 1s" --reason "known"
    """
    body = ask if limit is None else ask | {"limit": limit}
    told.change(remote.post(migration(name, "dismiss"), body), form)
