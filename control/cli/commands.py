"""The list of commands, each of which is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple

import click


class Place(NamedTuple):
    """Where a command is, and its first sentence, so that the list of them imports none."""

    module: str
    attribute: str
    says: str


COMMANDS = MappingProxyType(
    {
        "serve": Place("serve", "serve", "Serves traffic and the admin API until SIGTERM."),
        "settings": Place("settings", "settings", "Prints what `python -m proxy` is started with."),
        "demo": Place("demo", "demo", "Plays a migration for real, on this machine alone."),
        "init": Place("init", "init", "Writes a commented pair of starter files into DIR."),
        "lint": Place("lint", "lint", "Checks crossfade.yaml and migration files, all at once."),
        "plan": Place(
            "plan",
            "plan",
            "Says how long a ramp takes, and which regressions it can detect.",
        ),
        "apply": Place("apply", "apply", "Registers the migration in FILE, or updates it."),
        "list": Place("show", "list_", "Lists every migration: phase, weight, and why."),
        "get": Place("show", "get", "Shows where a migration stands, and both arms' figures."),
        "status": Place(
            "status", "status", "Says where a migration stands, in a line and as an exit code."
        ),
        "start": Place("ramp", "start", "Begins a migration's ramp with its first step."),
        "pause": Place("ramp", "pause", "Stops a ramp at the weight that it has, until `resume`."),
        "resume": Place("ramp", "resume", "Lets a paused ramp go on."),
        "approve": Place("ramp", "approve", "Opens the gate of the step that the ramp is at."),
        "reject": Place(
            "ramp",
            "reject",
            "Goes back from a step that waits for approval, paused.",
        ),
        "dismiss": Place(
            "ramp", "dismiss", "Lets nothing follow from a breach whose deadline runs."
        ),
        "promote": Place("promote", "promote", "Goes to the next step at once."),
        "explain": Place(
            "explain",
            "explain",
            "Prints the arithmetic behind the limits.",
        ),
        "set": Place("change", "set_", "Sets a weight by hand: `set weight NAME PERCENT`."),
        "rollback": Place("change", "rollback", "Gives all traffic back to the baseline at once."),
        "retry": Place("change", "retry", "Clears the latch of a rollback; the weight stays 0."),
        "drill": Place("drill", "drill", "Practises a rollback, timed, and restores everything."),
        "notify": Place("notify", "notify", "Sends a test message: `notify test NAME`."),
        "workers": Place(
            "crew",
            "workers",
            "Lists the workers and the versions that they serve.",
        ),
        "history": Place("show", "history", "Shows what happened to a migration, and why."),
        "version": Place("about", "version", "Prints the version of crossfade."),
        "completion": Place("about", "completion", "Prints a completion script for SHELL."),
    }
)


class Commands(click.Group):
    """The commands in the order of their use, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        found: object = getattr(import_module(f"control.cli.{place.module}"), place.attribute)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # click looks for likely ones in what is imported
            near = click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx)
            raise near from None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.says) for name, place in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done or healthy, 1 refused or degraded, 2 usage, 3 paused or timed out "
    "waiting, 4 cannot reach the control plane.",
)
def cli() -> None:
    """Moves live LLM traffic from one model to another, and back in milliseconds.

    \b
    crossfade apply support-triage.yaml       registers a migration, at weight 0
    crossfade start support-triage            begins its ramp
    crossfade set weight support-triage 10    gives the candidate 10 % of its traffic by hand
    crossfade get support-triage --watch      shows both arms side by side
    crossfade rollback support-triage         gives everything back to the baseline
    """


def main() -> None:
    """Runs the command line; ends the process with a published exit code."""
    cli(prog_name="crossfade")
