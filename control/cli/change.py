"""`set weight`, `rollback`, `retry`: the commands that move traffic."""

from __future__ import annotations

import re
from pathlib import Path

import click

from control.cli import told
from control.cli.options import (
    Ask,
    Connect,
    asking,
    connectable,
    expecting,
    here,
    name,
    optional_name,
    output,
    state_dir,
)
from control.cli.outcome import Unreachable
from control.cli.reach import Reach, reaching
from control.cli.remote import migration

PERCENT = re.compile(r"(?:100(?:\.0{1,2})?|[0-9]{1,2}(?:\.[0-9]{1,2})?)%?")


class Percent(click.ParamType[float]):
    """0 to 100 with at most two decimals; anything finer is refused, never rounded."""

    name = "percent"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value)
        if not PERCENT.fullmatch(text):
            self.fail("write 0 to 100 with at most two decimals: 1, 12.5, 0.25", param, ctx)
        return float(text.removesuffix("%"))


@click.group("set")
def set_() -> None:
    """Sets a weight by hand: `set weight NAME PERCENT`."""


@set_.command()
@name
@click.argument("percent", type=Percent(), metavar="PERCENT")
@output
@asking
@expecting
@reaching
def weight(reach: Reach, name: str, percent: float, ask: Ask, form: str) -> None:
    """Gives the candidate PERCENT of the traffic, from 0 to 100.

    Returns when all live workers route by it. No caller on the candidate moves back when the
    weight rises. Weight 0 pauses. Refused after a rollback, until `retry`.

    \b
    crossfade set weight support-triage 10
    crossfade set weight support-triage 0.25 --reason "first look"
    """

    def on_store(url: str) -> object:
        from control.cli import direct  # noqa: PLC0415 - 0.3 s that only --store waits for

        return direct.set_weight(url, name, percent, ask)

    path = migration(name, "set-weight")
    answer = reach.ask(lambda remote: remote.post(path, ask | {"percent": percent}), on_store)
    told.change(answer, form)


@click.command()
@optional_name
@click.option("--all", "everything", is_flag=True, help="Every migration.")
@here
@state_dir
@output
@asking
@reaching
def rollback(
    reach: Reach, /, name: str | None, everything: bool, ask: Ask, form: str, **place: object
) -> None:
    """Gives all traffic back to the baseline at once.

    It latches, never asks, works in every phase, and twice is once. Returns when all live workers
    serve the baseline alone. Only `retry` clears the latch.

    With --local it latches this host alone, without a store or a control plane, through restarts
    and newer snapshots, until `retry --local`.

    \b
    crossfade rollback support-triage --reason "wrong answers in German"
    crossfade rollback --all
    crossfade rollback support-triage --local --state-dir /var/lib/crossfade
    """
    _one_or_all(name, everything)
    folder = _local(place)
    if folder is not None:
        from control.cli import local  # noqa: PLC0415 - what it reads is --local's alone

        local.latch(folder, name, ask.get("reason"), form)
        return

    def on_store(url: str) -> object:
        from control.cli import direct  # noqa: PLC0415 - as above

        return direct.rollback(url, name, ask)

    path = "/api/rollback" if name is None else migration(name, "rollback")
    try:
        answer = reach.ask(lambda remote: remote.post(path, ask), on_store)
    except Unreachable as error:
        raise Unreachable(f"{error.message}\n{_otherwise(name)}") from error
    told.change(answer, form)


@click.command()
@optional_name
@click.option("--all", "everything", is_flag=True, help="With --local: the latch of everything.")
@here
@state_dir
@output
@asking
@expecting
@connectable
def retry(
    connect: Connect, /, name: str | None, everything: bool, ask: Ask, form: str, **place: object
) -> None:
    """Clears the latch of a rollback; the weight stays 0.

    With --local it clears what `rollback --local` set on this host.

    \b
    crossfade retry support-triage --reason "prompt fixed"
    crossfade set weight support-triage 1
    crossfade retry support-triage --local
    """
    _one_or_all(name, everything)
    folder = _local(place)
    if folder is not None:
        from control.cli import local  # noqa: PLC0415 - as above

        local.clear(folder, name, form)
        return
    if name is None:
        raise click.UsageError("--all is for --local: a latch in the store is cleared by its name")
    told.change(connect().post(migration(name, "retry"), ask), form)


def _otherwise(name: str | None) -> str:
    """What still rolls back where no replica answers."""
    what = "--all" if name is None else name
    return (
        f"without a control plane: crossfade rollback {what} --local --state-dir DIR on each host, "
        "or --store with the URL of the Redis"
    )


def _one_or_all(name: str | None, everything: bool) -> None:
    if (name is not None) == everything:
        raise click.UsageError("name one migration, or --all")


def _local(place: dict[str, object]) -> Path | None:
    """The state directory to act in, where --local was given."""
    folder = place["state_dir"]
    return folder if place["local"] and isinstance(folder, Path) else None
