"""`apply`: registers a migration file with the control plane."""

from __future__ import annotations

from pathlib import Path

import click

from control.cli import told
from control.cli.options import Ask, changing
from control.cli.outcome import Refusal
from control.cli.remote import Remote, migration
from control.files import plan, written
from control.files.problems import ConfigError


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@changing
def apply(remote: Remote, file: Path, ask: Ask, form: str) -> None:
    """Registers the migration in FILE, or updates it.

    A new one starts at weight 0; a weight is never changed. While the weight is over 0, what
    routes traffic (match, arms, edits, sticky) cannot change. Prompt files that FILE names are
    read here and sent along.

    \b
    crossfade apply support-triage.yaml
    """
    try:
        source = plan.collect(file)
        name = _name(source.text, file)
    except ConfigError as error:
        raise Refusal(str(error)) from error
    sent = ask | {"file": source.text, "files": dict(source.files)}
    told.change(remote.put(migration(name), sent), form)


def _name(text: str, file: Path) -> str:
    match written.parse(text, str(file)).value:
        case {"migration": str(name)} if name:
            return name
        case _:
            raise Refusal(f"{file}: names no migration (write `migration: NAME`)")
