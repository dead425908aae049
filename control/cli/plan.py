"""`plan`: how long a ramp's steps take, and what each of them can detect, told before `start`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import click
import msgspec

from control.cli.emit import emit
from control.cli.options import connected, output
from control.cli.outcome import Refusal, Unreachable
from control.cli.remote import Remote, migration
from control.cli.shapes import read
from control.files import plan as files
from control.files import written
from control.files.edits import file_under
from control.files.problems import ConfigError, errors
from control.guard.forecast import Forecast, Traffic, forecast

UNKNOWN = Traffic(requests_per_s=0.0, error_rate=None)


@click.command()
@click.argument("what", metavar="NAME|FILE")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Requests a second of both arms, instead of those observed.",
)
@click.option(
    "--errors",
    "errors_percent",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="With --rate: how many of the baseline's fail.  [default: 1]",
)
@output
@connected
def plan(
    remote: Remote, what: str, rate: float | None, errors_percent: float | None, form: str
) -> None:
    """Says how long a ramp takes, and which regressions it can detect.

    Step by step, of a migration that is registered, by NAME, or of one in FILE that need not be.
    It takes the traffic that was observed of late, unless --rate says otherwise; with FILE and
    --rate nothing is asked of a server.

    \b
    crossfade plan support-triage
    crossfade plan support-triage.yaml --rate 20 --errors 0.5
    """
    if errors_percent is not None and rate is None:
        raise click.UsageError("--errors needs --rate beside it")
    part = (1.0 if errors_percent is None else errors_percent) / 100
    assumed = None if rate is None else Traffic(requests_per_s=rate, error_rate=part)
    path = Path(what)
    answer = _of_file(remote, path, assumed) if path.is_file() else _of_name(remote, what, assumed)
    emit(answer, form, lambda found: read(found, Forecast).lines)


def _of_name(remote: Remote, name: str, assumed: Traffic | None) -> object:
    asked = "" if assumed is None else f"?{urlencode(msgspec.structs.asdict(assumed))}"
    return remote.get(migration(name, f"plan{asked}"))


def _of_file(remote: Remote, path: Path, assumed: Traffic | None) -> object:
    try:
        found = files.examine(written.read(path), partial(file_under, path.parent), None)
    except ConfigError as error:
        raise Refusal(str(error)) from error
    if found.migration is None:
        raise Refusal("\n".join(map(str, errors(found.problems))))
    traffic = assumed or _observed(remote, found.migration.name)
    return msgspec.to_builtins(forecast(found.migration.course, traffic))


def _observed(remote: Remote, name: str) -> Traffic:
    """The traffic of the registered migration of that name; an unknown one where there is none."""
    try:
        return read(remote.get(migration(name, "plan")), Forecast).traffic
    except Unreachable:
        click.echo("no control plane tells the traffic; --rate does", err=True)
    except Refusal:
        click.echo(f"{name} is not registered yet: no traffic is known; --rate says it", err=True)
    return UNKNOWN
