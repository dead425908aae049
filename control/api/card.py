"""One migration in full as a part of the status page; every text in it is escaped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from control.desk.outlook import Breached, Current, Planned, Tested
from control.desk.view import View
from control.guard.amounts import amount
from control.migration.moment import lasting
from control.migration.progress import Stage
from control.words.verdict import Standing
from proxy.policy import ArmName

LIMITS = ("Limit", "Baseline", "Candidate", "Evidence", "Samples", "Test", "What was seen")


def drawn(view: View) -> str:
    """Its phase, its ramp, its limits, its workers."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in _facts(view))
    return (
        f'<section><h2>{escape(view.name)} <span class="{view.phase}">{view.phase}</span></h2>'
        f"<p>{escape(view.reason)}</p>{_ramp(view)}<dl>{facts}</dl>{_limits(view.limits)}</section>"
    )


def _facts(view: View) -> Iterator[tuple[str, str]]:
    if view.step is not None:
        yield "Step", escape(_step(view.step))
    if view.step is not None and view.step.awaiting:
        yield "Waits for", escape(", ".join(view.step.awaiting))
    yield "Weight", escape(_weight(view))
    for breach in view.breaches:
        yield "Breach", f'<strong class="fail">{escape(_breach(breach))}</strong>'
    if view.split_suspect is not None:
        yield "Split", f'<strong class="fail">{escape(view.split_suspect)}</strong>'
    yield "Requests", escape(_requests(view))
    yield "Workers", escape(_workers(view))


def _ramp(view: View) -> str:
    """The schedule, the step under way marked."""
    if not view.steps:
        return ""
    at = None if view.step is None else view.step.index
    return f"<ol>{''.join(_planned(step, at) for step in view.steps)}</ol>"


def _planned(step: Planned, at: int | None) -> str:
    gate = ", then an approval" if step.gate is not None else ""
    held_back = f", {step.holdback:g} % held back" if step.holdback else ""
    word = "soak" if step.soak else "hold"
    here = ' class="here" aria-current="step"' if step.index == at else ""
    told = f"{word} {lasting(step.hold_s)}{held_back}{gate}"
    return f"<li{here}>{step.weight:g} %<small>{told}</small></li>"


def _step(step: Current) -> str:
    clock = "" if step.held else " (stopped)"
    word = "soak" if step.soak else "hold"
    return f"{step.index} of {step.of}, {lasting(step.hold_left_s)} of its {word} left{clock}"


def _weight(view: View) -> str:
    seen = "" if view.observed is None else f", observed {view.observed.candidate:g} %"
    age = "never measured" if view.fresh_s is None else f"measured {lasting(view.fresh_s)} ago"
    return f"wanted {view.weights.candidate:g} %{seen}, {age}"


def _breach(breach: Breached) -> str:
    if breach.stage is not Stage.OPEN or breach.deadline_in_s is None:
        return f"{breach.limit}: {breach.stage}"
    return f"{breach.limit}: {breach.on_fail} in {lasting(breach.deadline_in_s)} unless dismissed"


def _requests(view: View) -> str:
    return ", ".join(
        f"{arm} {view.arms[arm].requests:,} ({view.arms[arm].errors:,} errors)" for arm in ArmName
    )


def _workers(view: View) -> str:
    live = [worker for worker in view.workers if worker.live]
    behind = [worker.worker for worker in live if worker.version < view.version]
    lagging = f"; behind: {', '.join(behind)}" if behind else ""
    notes = "".join(f"; {one.worker}: {', '.join(one.notes)}" for one in live if one.notes)
    return f"{len(live)} live{lagging}{notes}"


def _limits(limits: Iterable[Tested]) -> str:
    rows = "".join(map(_limit, limits))
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in LIMITS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _limit(test: Tested) -> str:
    sign = "&gt;" if test.side.above else "&lt;"
    failed = ' class="fail"' if test.standing is Standing.FAIL else ""
    return (
        f'<tr><th scope="row">{test.metric} {sign} {escape(test.written)}</th>'
        f'<td class="number">{_amount(test, test.baseline)}</td>'
        f'<td class="number">{_amount(test, test.candidate)}</td>'
        f"<td>{_meter(test)}</td>"
        f'<td class="number">{test.samples:,}</td>'
        f"<td{failed}>{test.standing}</td><td>{escape(_seen(test))}</td></tr>"
    )


def _seen(test: Tested) -> str:
    return test.sentence.removeprefix(f"{test.limit}: ")


def _amount(test: Tested, value: float | None) -> str:
    return "-" if value is None else escape(amount(test.metric, value))


def _meter(test: Tested) -> str:
    """How much of the evidence that a breach takes is there."""
    part = 0.0 if test.evidence is None else min(max(test.evidence / test.threshold, 0.0), 1.0)
    return f'<meter low="0.5" high="0.99" optimum="0" value="{part:.2f}">{part:.0%}</meter>'
