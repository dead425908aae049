"""What a ramp will take and what each of its steps can find, told before it starts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from control.guard.amounts import digits, percent
from control.guard.case import planned
from control.guard.judging import questions
from control.guard.reach import Detectable, Outing, detectable
from control.guard.weighing import weight_of_start
from control.lines import fitted
from control.migration.moment import lasting
from control.words.evidence import QUARTER_S, Cell, Evidence
from control.words.steps import Course, Gate, Step
from proxy.policy import WHOLE

DAY = 96  # quarters of an hour
WIDEST = 80


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """A migration's traffic of late: both arms' requests a second, and how many fail.

    `error_rate` is the baseline's; None where it had no request.
    """

    requests_per_s: float
    error_rate: float | None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """One step, counted from 1: what it takes and finds. None where traffic does not tell.

    `weight` is the candidate's in percent, without what is held back. `enough_after_s` is when it
    will have had `min_requests`; `takes_s` is that or the hold, whichever is longer, without the
    time that an approval takes.
    """

    index: int
    weight: float
    hold_s: float
    gate: Gate | None
    soak: bool
    enough_after_s: float | None
    takes_s: float | None
    requests: int | None
    candidate_requests: int | None
    detects: tuple[Detectable, ...]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """All steps, and the whole ramp's time; `lines` say it in text of at most 80 columns."""

    traffic: Traffic
    min_requests: int
    steps: tuple[Stretch, ...]
    takes_s: float | None
    lines: tuple[str, ...] = ()


def observed(evidence: Evidence, begun_s: float = 0.0) -> Traffic:
    """The traffic of the last day. The first quarter of an hour may be a part of one: left out.

    `begun_s`: nothing was measured before (UTC seconds), where that is known.
    """
    latest = max((cell.quarter for cell in evidence.cells), default=0)
    recent = [cell for cell in evidence.cells if cell.quarter > latest - DAY]
    since = min((cell.quarter for cell in recent), default=0)
    if since < latest:
        since += 1
    cells = [cell for cell in recent if cell.quarter >= since]
    until_s = evidence.fresh_at_s or 0.0
    span_s = max(until_s - max(since * QUARTER_S, begun_s), 1.0)
    requests = sum(cell.baseline.requests + cell.candidate.requests for cell in cells)
    return Traffic(requests_per_s=requests / span_s, error_rate=_error_rate(cells))


def forecast(course: Course, traffic: Traffic) -> Forecast:
    """The ramp at this traffic."""
    steps = tuple(_outlook(course, traffic, index) for index in range(len(course.steps)))
    spans = [step.takes_s for step in steps]
    known = [span for span in spans if span is not None]
    whole = Forecast(
        traffic=traffic,
        min_requests=course.min_requests,
        steps=steps,
        takes_s=sum(known) if len(known) == len(spans) else None,
    )
    lines = tuple(line for told in _lines(whole) for line in fitted(told, WIDEST, later="    "))
    return msgspec.structs.replace(whole, lines=lines)


def _error_rate(cells: list[Cell]) -> float | None:
    """Half an error more than was seen: a baseline without errors is not one that never fails."""
    requests = sum(cell.baseline.requests for cell in cells)
    errors = sum(cell.baseline.errors for cell in cells)
    return (errors + 0.5) / (requests + 1) if requests else None


def _outlook(course: Course, traffic: Traffic, index: int) -> Stretch:
    step = course.steps[index]
    rate = traffic.requests_per_s * step.in_force / WHOLE
    enough_after_s = course.min_requests / rate if rate else None
    takes_s = _takes_s(step, enough_after_s)
    requests = None if takes_s is None else round(traffic.requests_per_s * takes_s)
    ours = None if takes_s is None else round(rate * takes_s)
    weight = weight_of_start(index, planned(course))
    outing = _outing(traffic, requests, ours)
    return Stretch(
        index=index + 1,
        weight=step.in_force / 100,
        hold_s=step.hold_s,
        gate=step.gate,
        soak=step.soak,
        enough_after_s=enough_after_s,
        takes_s=takes_s,
        requests=requests,
        candidate_requests=ours,
        detects=() if outing is None else _detects(course, outing, weight),
    )


def _takes_s(step: Step, enough_after_s: float | None) -> float | None:
    """At weight 0 nothing is waited for but the hold."""
    if not step.in_force:
        return step.hold_s
    return None if enough_after_s is None else max(step.hold_s, enough_after_s)


def _outing(traffic: Traffic, requests: int | None, ours: int | None) -> Outing | None:
    if not requests or not ours or traffic.error_rate is None:
        return None
    return Outing(requests=requests, candidate=ours, error_rate=traffic.error_rate)


def _detects(course: Course, outing: Outing, weight: float) -> tuple[Detectable, ...]:
    found = (detectable(each, outing, weight) for each in questions(course))
    return tuple(each for each in found if each is not None)


def _lines(whole: Forecast) -> Iterator[str]:
    yield _traffic(whole.traffic)
    for step in whole.steps:
        yield _headline(step, whole.min_requests)
        for each in step.detects:
            yield f"  {each.limit}: {each.sentence}"
    if whole.takes_s is not None:
        approvals = any(step.gate is not None for step in whole.steps)
        waiting = ", and what approvals take" if approvals else ""
        yield f"in all {lasting(whole.takes_s)}{waiting}"


def _traffic(traffic: Traffic) -> str:
    if not traffic.requests_per_s:
        return "no traffic was observed: how long the steps take is not known"
    told = f"at {digits(traffic.requests_per_s)} requests a second"
    if traffic.error_rate is None:
        return f"{told}; of the baseline nothing was measured"
    return f"{told}, of which {percent(traffic.error_rate)} fail"


def _headline(step: Stretch, min_requests: int) -> str:
    told = f"step {step.index}: {step.weight:g} % {'soaks' if step.soak else 'is held'}"
    told = f"{told} {lasting(step.hold_s)}"
    if step.takes_s is None:
        return f"{told} and until {min_requests:,} candidate requests"
    if step.takes_s > step.hold_s:
        told += f", takes {lasting(step.takes_s)} until {min_requests:,} requests"
    told += f": {step.candidate_requests:,} of {step.requests:,} requests"
    return told if step.gate is None else f"{told}, then waits to be approved"
