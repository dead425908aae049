"""`version` and `completion`: what this program is, and how a shell completes it."""

from __future__ import annotations

import platform

import click
from click.shell_completion import get_completion_class

from control.cli.emit import emit
from control.cli.options import output
from control.release import release


@click.command()
@output
def version(form: str) -> None:
    """Prints the version of crossfade."""
    versions = {"crossfade": release(), "python": platform.python_version()}
    emit(versions, form, lambda _: [f"crossfade {versions['crossfade']}"])


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Prints a completion script for SHELL.

    \b
    source <(crossfade completion bash)
    crossfade completion zsh > ~/.zfunc/_crossfade
    crossfade completion fish > ~/.config/fish/completions/crossfade.fish
    """
    kind = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    assert kind is not None
    click.echo(kind(root, {}, "crossfade", "_CROSSFADE_COMPLETE").source())
