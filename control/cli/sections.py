"""A migration in full as the sections of a screen, the most urgent first. Pure.

All times in it are the control plane's own, so that a clock that is off here does no harm.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from control.cli import figures, sheets
from control.cli.sheet import WIDEST, Sheet
from control.desk.outlook import Breached, Current, Planned, Tested
from control.desk.view import View
from control.migration.moment import lasting
from control.migration.progress import Stage
from control.store import WorkerStatus
from control.words.verdict import Standing

MOST_WORKERS = 4

WORDS = {Standing.PASS: "pass", Standing.FAIL: "FAIL", Standing.INCONCLUSIVE: "open"}


def of_view(view: View, *, brief: bool = False) -> tuple[Sheet, ...]:
    """The sections; `brief` leaves out what seldom matters while watching."""
    found = (
        _standing(view),
        _limits(view),
        sheets.of_arms(view, brief=brief),
        of_workers(view.workers, most=MOST_WORKERS) if view.workers else None,
        _events(view),
    )
    return tuple(sheet for sheet in found if sheet is not None)


def _standing(view: View) -> Sheet:
    """The line that says it all, and what follows from it; a long reason has lines of its own."""
    begun = f"{view.name}  {view.phase}  version {view.version}"
    whole = f"{begun}  ({view.reason})"
    facts = tuple(_facts(view))
    if len(whole) <= WIDEST:
        return Sheet(title=whole, header=(), rows=facts)
    note = view.reason.removeprefix(f"{view.cause}: ")
    return Sheet(
        title=f"{begun}  ({view.cause})", header=(), rows=(*sheets.wrapped("why", note), *facts)
    )


def _facts(view: View) -> Iterator[tuple[str, str]]:
    if view.step is not None:
        yield "step", _step(view.step, view.weights.candidate)
        yield from sheets.wrapped("waits for", ", ".join(view.step.awaiting), most=2)
    elif view.steps:
        yield "steps", ", ".join(map(_scheduled, view.steps))
    yield "weight", _weights(view)
    for breach in view.breaches:
        yield from sheets.wrapped("breach", _breach(breach))
    for test in view.limits:
        if test.standing is Standing.FAIL and test.limit not in view.reason:
            yield from sheets.wrapped("fails", test.sentence)
    if view.split_suspect is not None:
        yield from sheets.wrapped("split", view.split_suspect)


def _scheduled(step: Planned) -> str:
    held_back = f" ({figures.percent(step.holdback)} held back)" if step.holdback else ""
    return f"{figures.percent(step.weight)}{held_back}"


def _step(step: Current, now: float) -> str:
    """The step, and the weight `now` (percent) where that is another one, given by hand."""
    word = "soak" if step.soak else "hold"
    left = f"{word} {lasting(step.hold_s)}, {lasting(step.hold_left_s)} left"
    stopped = "" if step.held else ", stopped"
    held_back = f", {figures.percent(step.holdback)} held back" if step.holdback else ""
    weight = figures.percent(step.weight)
    if now != step.weight:
        weight += f" (now {figures.percent(now)})"
    return f"{step.index} of {step.of}: {weight}{held_back}, {left}{stopped}"


def _weights(view: View) -> str:
    wanted = f"wanted {figures.percent(view.weights.candidate)}"
    seen = "-" if view.observed is None else figures.percent(view.observed.candidate)
    age = "never measured" if view.fresh_s is None else f"measured {view.fresh_s:.0f}s ago"
    return f"{wanted}, observed {seen}, {age}"


def _breach(breach: Breached) -> str:
    match breach.stage:
        case Stage.DWELLING:
            return f"{breach.limit}: fails since {figures.to_the_second(breach.since)}"
        case Stage.DISMISSED:
            return f"{breach.limit}: dismissed"
        case Stage.DONE:
            return f"{breach.limit}: {breach.on_fail} was done"
        case Stage.OPEN if breach.deadline_in_s is not None:
            left = lasting(breach.deadline_in_s)
            return f"{breach.limit}: {breach.on_fail} in {left} unless dismissed"
        case _:
            return f"{breach.limit}: open"


def _limits(view: View) -> Sheet | None:
    if not view.limits:
        return None
    return Sheet(
        header=("METRIC", "LIMIT", "BASE", "CAND", "INTERVAL", "EVID", "SAMPLES", "TEST"),
        rows=tuple(map(_limit, view.limits)),
        tight=True,
    )


def _limit(test: Tested) -> tuple[str, ...]:
    return (
        test.metric.replace("_per_request", "/request"),
        f"{'>' if test.side.above else '<'}{test.written}",
        figures.figure(test.metric, test.baseline),
        figures.figure(test.metric, test.candidate),
        _interval(test),
        figures.evidence(test.evidence, test.threshold),
        f"{test.samples:,}",
        WORDS[test.standing],
    )


def _interval(test: Tested) -> str:
    interval = test.interval or (None, None)
    if not test.side.relative:
        return figures.between(interval, test.metric) or "-"
    ratio = "" if test.ratio is None else f"{test.ratio:.2f}x"
    return f"{ratio} {figures.between(interval)}".strip() or "-"


def of_workers(workers: Iterable[WorkerStatus], *, most: int = sys.maxsize) -> Sheet:
    """The workers that lag or fell silent first; beyond `most` of them the rest in a line."""
    known = sorted(workers, key=lambda one: (one.live, one.version, one.worker))
    rows = [(one.worker, f"{one.version}", _state(one), " ".join(one.notes)) for one in known]
    rest = known[most:]
    if rest:
        versions = sorted({one.version for one in rest})
        span = "-".join(map(str, dict.fromkeys((versions[0], versions[-1]))))
        rows[most:] = [(f"and {len(rest)} more", span, _state(rest[0]), "")]
    return Sheet(header=("WORKER", "VERSION", "SEEN", "NOTES"), rows=tuple(rows))


def _state(worker: WorkerStatus) -> str:
    seen = f"{worker.age_s:.0f}s ago"
    return seen if worker.live else f"{seen}, silent"


def _events(view: View) -> Sheet | None:
    if not view.events:
        return None
    return sheets.of_latest(view.events)
