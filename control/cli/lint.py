"""`lint`: the two files, checked without a server."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from control.cli.emit import emit
from control.cli.options import output
from control.cli.outcome import Refusal
from control.files.lint import lint as check
from control.files.problems import errors


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@output
def lint(files: tuple[Path, ...], form: str) -> None:
    """Checks crossfade.yaml and migration files, all at once.

    Every problem comes with its line and a hint. Migrations are checked against the crossfade.yaml
    among the FILEs, else the one beside them. Warnings alone leave the exit code 0.

    \b
    crossfade lint crossfade.yaml support-triage.yaml
    """
    problems = check(files, os.environ)
    emit([asdict(problem) for problem in problems], form, lambda _: map(str, problems))
    wrong = len(errors(problems))
    if wrong:
        raise Refusal(f"{wrong} {'problem' if wrong == 1 else 'problems'} to mend")
    if form == "table":
        click.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'} checked: good")
