"""`workers`: who serves which version."""

from __future__ import annotations

import click

from control.cli import screen, sections
from control.cli.emit import emit
from control.cli.options import connected, output
from control.cli.remote import Remote
from control.cli.shapes import read
from control.store import WorkerStatus


@click.command()
@output
@connected
def workers(remote: Remote, form: str) -> None:
    """Lists the workers and the versions that they serve.

    NOTES are what they say of themselves: `breaker NAME` (spares that candidate), `latched NAME`.

    \b
    crossfade workers
    crossfade workers -o json
    """
    answer = remote.get("/api/workers")
    if form == "table":
        screen.show(sections.of_workers(read(answer, list[WorkerStatus])))
    else:
        emit(answer, form, lambda _: ())
