"""Over the admin API of a replica, or, where none answers, on the store itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

import click

from control.cli.options import Connect, connectable
from control.cli.outcome import TimedOut, Unreachable
from control.cli.remote import Remote

P = ParamSpec("P")
T = TypeVar("T")


GREET_S = 2.0


class Reach(NamedTuple):
    """A replica, and a Redis store's URL where one was given."""

    connect: Connect
    store: str | None
    greet_s: float = GREET_S

    def ask(
        self, over_api: Callable[[Remote], object], on_store: Callable[[str], object]
    ) -> object:
        """What the replica answers; where none does and a store was given, what happens there.

        With a store to act on, a replica that does not greet back in time is not waited for.
        """
        try:
            replica = self.connect()
            if self.store is not None:
                replica.greet(self.greet_s)
            return over_api(replica)
        except (Unreachable, TimedOut) as error:
            if self.store is None:
                raise
            click.echo(f"{error.message}; acting on the store itself", err=True)
            return on_store(self.store)


def reaching(command: Callable[Concatenate[Reach, P], T]) -> Callable[P, T]:
    """Gives a command `--url` and `--store`, and as its first argument the Reach of them.

    Nothing is read from either before it is needed: a local rollback must not fail for a bad URL.
    """

    @click.option(
        "--store",
        envvar="CROSSFADE_STORE",
        metavar="URL",
        show_envvar=True,
        help="Where no replica answers, act on this Redis itself. $CROSSFADE_STORE_PASSWORD is its "
        "password.",
    )
    @connectable
    @wraps(command)
    def with_reach(connect: Connect, /, *args: P.args, **kwargs: P.kwargs) -> T:
        store = kwargs.pop("store")
        return command(Reach(connect, None if store is None else str(store)), *args, **kwargs)

    return with_reach
