"""`drill rollback`: practises it on the real fleet, and times it."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence

import click

from control.cli.change import Percent
from control.cli.emit import emit
from control.cli.figures import percent
from control.cli.options import actor, connected, name, output
from control.cli.outcome import Refusal, TimedOut
from control.cli.remote import Remote, migration
from control.cli.safe import printable
from control.cli.shapes import read
from control.desk.drill import Drilled
from control.desk.view import View


@click.group()
def drill() -> None:
    """Practises a rollback, timed, and restores everything."""


@drill.command()
@name
@click.option(
    "--times",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="How many rounds.",
)
@click.option(
    "--weight",
    type=Percent(),
    metavar="PERCENT",
    help="Shift to this weight first; needed where the weight is 0.",
)
@click.option(
    "--hold",
    type=click.FloatRange(0, 10),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Let the candidate serve for so long before each rollback.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@output
@connected
def rollback(remote: Remote, /, name: str, yes: bool, form: str, **how: float | None) -> None:
    """Rolls back and restores, for real: weights, phase, step and hold are as they were.

    Says when the rollback was in the store, when each worker switched, when the last request and
    the last answer of the candidate were, and over several rounds their p50 and p99. Asks on a
    terminal. Refuses a migration that is rolled back; a rollback by anybody else in the meantime
    wins, and stays.

    \b
    crossfade drill rollback support-triage
    crossfade drill rollback support-triage --times 20 --yes
    """
    times, weight = int(how["times"] or 1), how["weight"]
    if not yes and sys.stdin.isatty():
        _confirm(read(remote.get(migration(name)), View), times, weight)
    body: dict[str, object] = {"actor": actor(), "hold_s": how["hold"]}
    if weight is not None:
        body["percent"] = weight
    rounds = _rounds(remote, name, body, times, quiet=form != "table")
    emit(_report(rounds), form, lambda _: _summed(rounds))
    if any(one.last_candidate_request is None for one in rounds):
        raise TimedOut("some live worker did not switch in time; `crossfade workers` names it")


def _confirm(view: View, times: int, weight: float | None) -> None:
    now = percent(view.weights.candidate)
    shift = "" if weight is None else f", shifts to {percent(weight)} first"
    rounds = "once" if times == 1 else f"{times} times"
    click.echo(
        printable(
            f"{view.name}: {view.phase} at {now}; takes everything back to the baseline "
            f"{rounds}{shift}, and restores it"
        ),
        err=True,
    )
    if not click.confirm("Drill?", err=True):
        raise Refusal("nothing was done")


def _rounds(
    remote: Remote, name: str, body: dict[str, object], times: int, *, quiet: bool
) -> list[Drilled]:
    rounds: list[Drilled] = []
    for number in range(1, times + 1):
        rounds.append(read(remote.post(migration(name, "drill"), body), Drilled))
        if not quiet:
            click.echo(printable(f"{number}/{times}: {_line(rounds[-1])}"))
    return rounds


def _line(one: Drilled) -> str:
    last, drained = _ms(one.last_candidate_request), _ms(one.drained)
    workers = "1 worker" if len(one.workers) == 1 else f"{len(one.workers)} workers"
    return (
        f"accepted {_ms(one.accepted)}, last candidate request {last} "
        f"({workers}), drained {drained}, restored {_ms(one.restored)}"
    )


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} ms"


def _report(rounds: Sequence[Drilled]) -> object:
    import msgspec  # noqa: PLC0415 - a rollback in earnest does without

    switched = [one.last_candidate_request for one in rounds]
    seen = sorted(ms for ms in switched if ms is not None)
    return {
        "rounds": msgspec.to_builtins(rounds),
        "accepted_ms": _both(sorted(one.accepted for one in rounds)),
        "last_candidate_request_ms": _both(seen),
    }


def _both(seen: Sequence[float]) -> dict[str, float | None]:
    """p50 and p99 by the nearest rank: the least that so many of the rounds did not exceed.

    So the p50 of an even number is the lower of the middle two, and of few the p99 is the slowest.
    """
    return {"p50": _at(seen, 0.5), "p99": _at(seen, 0.99)}


def _at(seen: Sequence[float], quantile: float) -> float | None:
    return seen[math.ceil(quantile * len(seen)) - 1] if seen else None


def _summed(rounds: Sequence[Drilled]) -> Iterable[str]:
    if len(rounds) > 1:
        accepted = sorted(one.accepted for one in rounds)
        switched = sorted(ms for one in rounds if (ms := one.last_candidate_request) is not None)
        for what, seen in (("accepted", accepted), ("last candidate request", switched)):
            yield f"{what}: p50 {_ms(_at(seen, 0.5))}, p99 {_ms(_at(seen, 0.99))}"
    yield f"{rounds[0].migration}: as it was, version {rounds[-1].version}"
