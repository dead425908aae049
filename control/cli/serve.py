"""`serve`: both planes of this host."""

from __future__ import annotations

from pathlib import Path

import click

from control.cli.options import host_file
from control.cli.outcome import Refusal
from control.files.problems import ConfigError
from control.store import StoreUnavailable


@click.command()
@host_file
def serve(path: Path) -> None:
    """Serves traffic and the admin API until SIGTERM.

    Then it takes no more requests and lets running streams finish. SIGHUP replaces the workers one
    by one, where crossfade.yaml has `workers`.

    \b
    crossfade serve
    crossfade serve -c /etc/crossfade/crossfade.yaml
    """
    from control.serve import run  # noqa: PLC0415 - half a second that --help does without

    try:
        run(path)
    except (ConfigError, StoreUnavailable, OSError) as error:
        raise Refusal(f"not started: {error}") from error
