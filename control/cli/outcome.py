"""How a command ends: its exit code, and the sentence on standard error that goes with it."""

from __future__ import annotations

from enum import IntEnum

import click

from control.cli.safe import printable


class Exit(IntEnum):
    """The published exit codes."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    WAITED = 3
    UNREACHABLE = 4


class Refusal(click.ClickException):
    """The control plane, or a file's check, said no."""

    exit_code = int(Exit.REFUSED)

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(printable(line) for line in message.splitlines()))


class TimedOut(Refusal):
    """Something was waited for and did not come; what was asked for may still happen."""

    exit_code = int(Exit.WAITED)


class Unreachable(Refusal):
    """The control plane cannot be reached, or is none."""

    exit_code = int(Exit.UNREACHABLE)
