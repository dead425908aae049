"""`explain`: the arithmetic behind a limit's judgement."""

from __future__ import annotations

from urllib.parse import urlencode

import click
import msgspec

from control.cli.emit import emit
from control.cli.options import connected, name, output
from control.cli.remote import Remote, migration
from control.cli.shapes import read


class Told(msgspec.Struct, frozen=True):
    """What is printed of an explanation."""

    lines: tuple[str, ...]


@click.command()
@name
@click.argument("metric", metavar="[METRIC]", required=False)
@output
@connected
def explain(remote: Remote, name: str, metric: str | None, form: str) -> None:
    """Prints the arithmetic behind the limits.

    Counts, shares, evidence and threshold, of all limits, of those on METRIC, or of the one whose
    key METRIC is ("latency_p95 over 1s").

    \b
    crossfade explain support-triage
    crossfade explain support-triage error_rate
    crossfade explain support-triage "latency_p95 over 1s" -o json
    """
    of = "" if metric is None else f"?{urlencode({'metric': metric})}"
    answer = remote.get(migration(name, f"explain{of}"))
    emit(answer, form, lambda found: _lines(read(found, tuple[Told, ...])))


def _lines(told: tuple[Told, ...]) -> list[str]:
    lines: list[str] = []
    for one in told:
        lines += [*([""] if lines else []), *one.lines]
    return lines
