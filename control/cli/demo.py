"""`demo`: a whole migration on this machine, and on a terminal the stage to try it on."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

import click

from control.cli import screen
from control.cli.outcome import Refusal
from control.demo.files import NAME
from control.demo.narrator import Narrator
from control.demo.ramp import Broken
from control.demo.stage import Stage, StageError
from control.demo.story import Story


@click.command()
@click.option(
    "--customers",
    type=click.IntRange(100, 100_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="How many callers ask at each weight.",
)
def demo(customers: int) -> None:
    """Plays a migration for real, on this machine alone.

    Two local model APIs, callers with the official SDKs where they are installed, changes of
    weight, a stream, a rollback by hand, a ramp, a candidate that turns bad and an automatic
    rollback, in about a minute. On a terminal it then keeps serving until Ctrl-C.

    \b
    crossfade demo
    crossfade demo --customers 200
    """
    signal.signal(signal.SIGTERM, _end)
    on_terminal = screen.on_terminal()
    narrator = Narrator(
        sys.stdout,
        colours=on_terminal and not os.environ.get("NO_COLOR"),
        columns=shutil.get_terminal_size().columns if on_terminal else None,
    )
    narrator.title("crossfade demo: a migration from the first request to the rollback")
    try:
        with Stage() as stage:
            Story(stage, narrator, customers=customers).tell()
            if on_terminal:
                _keep_serving(stage, narrator)
    except (Broken, StageError) as error:
        raise Refusal(f"the demo broke: {error}") from error
    except KeyboardInterrupt:
        narrator.say("stopped")


def _keep_serving(stage: Stage, narrator: Narrator) -> None:
    crossfade = _command()
    narrator.scene("Your turn: it keeps serving until Ctrl-C")
    narrator.say(f"applications  {stage.url}/v1")
    narrator.say(f"status page   {stage.admin_url}/")
    narrator.say(f"figures       {stage.admin_url}/metrics")
    narrator.say("in another terminal:")
    narrator.typed(f"export CROSSFADE_URL={stage.admin_url}")
    narrator.typed(f"{crossfade} retry {NAME}")
    narrator.typed(f"{crossfade} set weight {NAME} 50")
    narrator.typed(f"curl -i {stage.url}/v1/chat/completions \\")
    narrator.say("""    -H 'x-crossfade-key: me' -d '{"model": "gpt-4o", "messages": []}'""")
    narrator.typed(f"{crossfade} get {NAME} --watch")
    narrator.typed(f"{crossfade} rollback {NAME}")
    signal.pause()


def _command() -> str:
    """How this installation's command is called from here."""
    if shutil.which("crossfade"):
        return "crossfade"
    beside = Path(sys.executable).with_name("crossfade")
    return os.path.relpath(beside)


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's form
    raise KeyboardInterrupt
