"""`settings`: what a data plane of its own is started with."""

from __future__ import annotations

import os
from pathlib import Path

import click

from control.cli.options import host_file
from control.cli.outcome import Refusal
from control.files import config
from control.files.address import listener
from control.files.problems import Problem, Wrong
from control.files.settings import settings as derive
from proxy.errors import Invalid
from proxy.running.settings import encode


def _listeners(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(listener(address) for address in given)
    except Wrong as wrong:
        raise click.BadParameter(f"{wrong.message} ({wrong.hint})") from wrong


@click.command()
@host_file
@click.option(
    "--listen",
    metavar="ADDRESS",
    multiple=True,
    callback=_listeners,
    help="Listen here instead of where the file says; may be given several times.",
)
def settings(path: Path, listen: tuple[str, ...]) -> None:
    """Prints what `python -m proxy` is started with.

    It names the variables and files that hold the keys, and no key: the data plane looks them up
    itself when it starts.

    \b
    crossfade settings | python -m proxy -
    crossfade settings --listen 127.0.0.1:8090 > settings.json
    """
    try:
        # Lenient: the secrets need not be at hand here.
        configured = config.load(path, os.environ, lenient=True, warn=_warn)
        click.echo(encode(derive(configured, listen=listen)), nl=False)
    except Invalid as error:
        raise Refusal(str(error)) from error


def _warn(problem: Problem) -> None:
    click.echo(str(problem), err=True)
