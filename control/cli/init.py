"""`init`: the two files, written."""

from __future__ import annotations

from pathlib import Path

import click

from control.cli.outcome import Refusal
from control.cli.safe import printable
from control.files import starter
from control.files.problems import Wrong


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Writes a commented pair of starter files into DIR.

    They are crossfade.yaml and a first migration. Never over a file that is there.

    \b
    crossfade init
    crossfade init deploy/crossfade
    """
    try:
        paths = starter.write(folder)
    except Wrong as wrong:
        raise Refusal(f"{wrong.message} ({wrong.hint})") from wrong
    except OSError as error:
        raise Refusal(f"{folder}: {error.strerror}") from error
    for path in paths:
        click.echo(printable(f"wrote {path}"))
    click.echo(printable(f"next: edit them, then crossfade lint {' '.join(map(str, paths))}"))
