"""Answers on standard output, as JSON, as YAML, or as lines for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from io import StringIO

import click

from control.cli.safe import printable


def emit(answer: object, form: str, lines: Callable[[object], Iterable[str]]) -> None:
    """Prints an answer in a form; `lines` makes the lines of the table form."""
    match form:
        case "json":
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        case "yaml":
            click.echo(_yaml(answer), nl=False)
        case _:
            for line in lines(answer):
                click.echo(printable(line))


def _yaml(answer: object) -> str:
    from ruamel.yaml import YAML  # noqa: PLC0415 - 40 ms that only -o yaml waits for

    text = StringIO()
    YAML().dump(answer, text)
    return text.getvalue()
