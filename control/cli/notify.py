"""`notify test`: whether a message arrives."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import click

from control.cli.emit import emit
from control.cli.options import actor, connected, output
from control.cli.outcome import Refusal
from control.cli.remote import Remote


@click.group()
def notify() -> None:
    """Sends a test message: `notify test NAME`."""


@notify.command()
@click.argument("name", metavar="NAME")
@output
@connected
def test(remote: Remote, name: str, form: str) -> None:
    """Sends a test message to the notifier NAME of crossfade.yaml.

    The control plane sends it, once, with the secrets that it has. Exit code 1 where it does not
    arrive.

    \b
    crossfade notify test ops
    """
    path = f"/api/notifiers/{quote(name, safe='')}/test"
    answer = remote.post(path, {"actor": actor()})
    emit(answer, form, _lines)
    if isinstance(answer, dict) and answer.get("delivered") is not True:
        raise Refusal(f"{name}: not delivered: {answer.get('why')}")


def _lines(answer: object) -> Iterable[str]:
    match answer:
        case {"notifier": str(name), "delivered": True, "took_ms": int() | float() as took}:
            yield f"{name}: delivered after {took:.0f} ms"
        case _:
            return
