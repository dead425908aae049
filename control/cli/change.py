"""`set weight`, `rollback`, `retry`: the commands that move traffic."""

from __future__ import annotations

import re

import click

from control.cli import told
from control.cli.options import Ask, asking, connected, expecting, name, optional_name, output
from control.cli.remote import Remote, migration

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
    """Changes what a migration does now."""


@set_.command()
@name
@click.argument("percent", type=Percent(), metavar="PERCENT")
@output
@asking
@expecting
@connected
def weight(remote: Remote, name: str, percent: float, ask: Ask, form: str) -> None:
    """Gives the candidate PERCENT of the traffic, from 0 to 100.

    Returns when all live workers route by it. No caller on the candidate moves back when the
    weight rises. Weight 0 pauses. Refused after a rollback, until `retry`.

    \b
    crossfade set weight support-triage 10
    crossfade set weight support-triage 0.25 --reason "first look"
    """
    told.change(remote.post(migration(name, "set-weight"), ask | {"percent": percent}), form)


@click.command()
@optional_name
@click.option("--all", "everything", is_flag=True, help="Every migration.")
@output
@asking
@connected
def rollback(remote: Remote, name: str | None, everything: bool, ask: Ask, form: str) -> None:
    """Gives all traffic back to the baseline at once.

    It latches, never asks, works in every phase, and twice is once. Returns when all live workers
    serve the baseline alone. Only `retry` clears the latch.

    \b
    crossfade rollback support-triage --reason "wrong answers in German"
    crossfade rollback --all
    """
    if (name is not None) == everything:
        raise click.UsageError("name one migration, or --all")
    path = "/api/rollback" if name is None else migration(name, "rollback")
    told.change(remote.post(path, ask), form)


@click.command()
@name
@output
@asking
@expecting
@connected
def retry(remote: Remote, name: str, ask: Ask, form: str) -> None:
    """Clears the latch of a rollback; the weight stays 0.

    \b
    crossfade retry support-triage --reason "prompt fixed"
    crossfade set weight support-triage 1
    """
    told.change(remote.post(migration(name, "retry"), ask), form)
