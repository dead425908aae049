"""`status`: where a migration stands as an exit code, at once or after waiting for a phase."""

from __future__ import annotations

import time

import click

from control.cli import sheets
from control.cli.emit import emit
from control.cli.options import connected, name, output
from control.cli.outcome import Exit, TimedOut, Unreachable
from control.cli.remote import Remote, migration
from control.cli.shapes import read
from control.desk.view import View
from control.files import units
from control.files.problems import Wrong
from control.migration.ledger import Cause, Phase

LOOK_S = 0.5
ENDS = (Phase.HEALTHY, Phase.DEGRADED)
PASSING = (Cause.STALE_METRICS, Cause.NO_TRAFFIC, Cause.BREACH)  # pauses that end by themselves


class Span(click.ParamType[float]):
    """A time as the files have it, or plain seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value)
        try:
            return units.seconds(f"{text}s" if text[-1:].isdigit() else text)
        except Wrong as wrong:
            self.fail(f"{wrong.message}: {wrong.hint}", param, ctx)


class Phases(click.ParamType[tuple[Phase, ...]]):
    """Phases by name in any case, separated by commas."""

    name = "phases"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Phase, ...]:
        by_name = {phase.lower(): phase for phase in Phase}
        asked = [part.strip().lower() for part in str(value).split(",")]
        unknown = [part for part in asked if part not in by_name]
        if unknown:
            self.fail(f"is not a phase; they are {', '.join(Phase)}", param, ctx)
        return tuple(by_name[part] for part in asked)


@click.command()
@name
@click.option(
    "--wait",
    "waited",
    type=Phases(),
    multiple=True,
    metavar="PHASE",
    help="Return once the migration is in PHASE; several may be given, also with commas.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=Span(),
    metavar="DURATION",
    help="With --wait: at most so long (30s, 8h, or seconds); else for as long as it takes.",
)
@output
@connected
def status(
    remote: Remote,
    name: str,
    waited: tuple[tuple[Phase, ...], ...],
    timeout_s: float | None,
    form: str,
) -> None:
    """Says where a migration stands, in a line and as an exit code.

    0 where it is well, 1 where it is Degraded, 3 where it is Paused or the time is up, 4 where the
    control plane cannot be reached. With --wait it is 0 once one of the phases is reached; where a
    person has to act first (Healthy, Degraded, most pauses) it ends at once.

    \b
    crossfade status support-triage
    crossfade status support-triage --wait Soaking --wait Healthy --timeout 2h
    """
    phases = tuple(phase for some in waited for phase in some)
    answer, view = _awaited(remote, name, phases, timeout_s)
    emit(answer, form, lambda _: [sheets.line_of(view)])
    raise SystemExit(int(_code(view, phases)))


def _awaited(
    remote: Remote, name: str, phases: tuple[Phase, ...], timeout_s: float | None
) -> tuple[object, View]:
    """The last look. Raises TimedOut; the first look must succeed, later ones are tried again."""
    answer = remote.get(migration(name))
    until = None if timeout_s is None else time.monotonic() + timeout_s
    while phases and not _over(read(answer, View), phases):
        left = LOOK_S if until is None else until - time.monotonic()
        if left <= 0:
            phase = read(answer, View).phase
            raise TimedOut(f"{name} is still {phase} after {timeout_s:g} s")
        time.sleep(min(LOOK_S, left))
        try:
            answer = remote.get(migration(name))
        except (Unreachable, TimedOut):
            continue
    return answer, read(answer, View)


def _over(view: View, phases: tuple[Phase, ...]) -> bool:
    """Whether it is there, or will get nowhere unless somebody acts."""
    stuck = view.phase is Phase.PAUSED and view.cause not in PASSING
    return view.phase in phases or view.phase in ENDS or stuck


def _code(view: View, phases: tuple[Phase, ...]) -> Exit:
    match view.phase:
        case phase if phase in phases:
            return Exit.DONE
        case Phase.DEGRADED | Phase.ROLLING_BACK:
            return Exit.REFUSED
        case Phase.PAUSED:
            return Exit.WAITED
        case _:
            return Exit.WAITED if phases else Exit.DONE
