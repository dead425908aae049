"""The options that several commands share."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from control.cli.remote import Remote

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8081"
FORMS = ("table", "json", "yaml")

Ask = dict[str, object]
Connect = Callable[[], Remote]


def changing(command: Callable[Concatenate[Remote, P], None]) -> Callable[P, None]:
    """Gives a command that changes a migration all that those have in common."""
    return output(asking(expecting(connected(command))))


def connected(command: Callable[Concatenate[Remote, P], T]) -> Callable[P, T]:
    """Gives a command `--url`, and as its first argument the control plane that it names.

    A token is never an option: what is typed can be read in a list of processes.
    """

    @connectable
    @wraps(command)
    def with_remote(connect: Connect, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return command(connect(), *args, **kwargs)

    return with_remote


def connectable(command: Callable[Concatenate[Connect, P], T]) -> Callable[P, T]:
    """The same for a command that may do without: it connects, and looks at the URL, when asked."""

    @click.option(
        "--url",
        envvar="CROSSFADE_URL",
        default=DEFAULT_URL,
        metavar="URL",
        show_default=True,
        show_envvar=True,
        help="The admin API of any replica; unix:/path for a socket. Its token: $CROSSFADE_TOKEN.",
    )
    @wraps(command)
    def with_connect(*args: P.args, **kwargs: P.kwargs) -> T:
        url = str(kwargs.pop("url"))
        return command(lambda: Remote(url, token()), *args, **kwargs)

    return with_connect


def asking(command: Callable[P, T]) -> Callable[P, T]:
    """Gives a command `--reason` and `--no-wait`, and as `ask` the body that they make."""

    @click.option("--reason", metavar="TEXT", help="Why; stored in the history.")
    @click.option(
        "--no-wait",
        is_flag=True,
        help="Return once the change is stored, without waiting for the workers.",
    )
    @wraps(command)
    def with_ask(*args: P.args, **kwargs: P.kwargs) -> T:
        ask: Ask = {"actor": actor(), "wait": not kwargs.pop("no_wait")}
        reason = kwargs.pop("reason")
        if reason:
            ask["reason"] = reason
        kwargs["ask"] = ask
        return command(*args, **kwargs)

    return with_ask


def expecting(command: Callable[P, T]) -> Callable[P, T]:
    """Gives a command `--expected-version`; it goes into `ask`, so this stands below `asking`."""

    @click.option(
        "--expected-version",
        type=click.IntRange(min=0),
        metavar="VERSION",
        help="Refuse if the migration has changed since this version (see `get`).",
    )
    @wraps(command)
    def with_version(*args: P.args, **kwargs: P.kwargs) -> T:
        version, ask = kwargs.pop("expected_version"), kwargs["ask"]
        if version is not None and isinstance(ask, dict):
            ask["expected_version"] = version
        return command(*args, **kwargs)

    return with_version


def token() -> str | None:
    """The admin token of the environment; an empty one is none."""
    return os.environ.get("CROSSFADE_TOKEN") or None


def actor() -> str:
    """Who is at the keyboard, for the history: user@host as this machine knows them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


output = click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(FORMS),
    default="table",
    show_default=True,
    help="How to print.",
)
host_file = click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default="crossfade.yaml",
    show_default=True,
    help="The local, trusted file of this host.",
)


here = click.option(
    "--local",
    is_flag=True,
    help="This host alone, at once, without a store or a control plane; see --state-dir.",
)
state_dir = click.option(
    "--state-dir",
    envvar="CROSSFADE_STATE_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=".crossfade",
    show_default=True,
    show_envvar=True,
    help="With --local: the host's state_dir, as crossfade.yaml names it.",
)


def _names(ctx: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The migrations whose names begin so, for the shell; none where nothing answers."""
    url = ctx.params.get("url") or os.environ.get("CROSSFADE_URL") or DEFAULT_URL
    try:
        answer = Remote(str(url), token()).get("/api/migrations")
    except click.ClickException:
        return []
    known = answer if isinstance(answer, list) else []
    names = [one["name"] for one in known if isinstance(one, dict) and "name" in one]
    return [name for name in names if str(name).startswith(begun)]


name = click.argument("name", metavar="NAME", shell_complete=_names)
optional_name = click.argument("name", metavar="[NAME]", required=False, shell_complete=_names)
