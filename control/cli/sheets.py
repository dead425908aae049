"""Migrations and their past as tables for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from control.cli.figures import percent, to_the_second
from control.cli.safe import printable
from control.cli.sheet import Sheet
from control.desk.view import Side, Summary, View
from control.lines import fitted
from control.store import Event
from proxy.numbers.arm_figures import Percentiles
from proxy.policy import ArmName

TEXT = 67  # what a line has left beside a label
BRIEF = ("requests", "errors", "latency ms 50/95/99", "first token ms", "tokens out", "cost USD")


def of_summaries(summaries: Iterable[Summary]) -> Sheet:
    """Where every migration stands."""
    return Sheet(
        header=("NAME", "PHASE", "CANDIDATE", "VERSION", "SINCE", "REASON"),
        rows=tuple(
            (
                one.name,
                one.phase,
                percent(one.weights.candidate),
                str(one.version),
                to_the_second(one.since),
                one.reason,
            )
            for one in summaries
        ),
    )


def of_arms(view: View, *, brief: bool = False) -> Sheet:
    """Both arms of one migration side by side; `brief` keeps the first glance."""
    arms = [view.arms[ArmName.BASELINE], view.arms[ArmName.CANDIDATE]]
    weights = (percent(view.weights.baseline), percent(view.weights.candidate))
    columns = [_column(arm, weight) for arm, weight in zip(arms, weights, strict=True)]
    return Sheet(
        header=("", "BASELINE", "CANDIDATE"),
        rows=tuple(
            (label, baseline, candidate)
            for (label, baseline), (_, candidate) in zip(*columns, strict=True)
            if not brief or label in BRIEF
        ),
    )


def of_events(events: Iterable[Event]) -> Sheet:
    """What happened to a migration."""
    return Sheet(
        header=("VERSION", "AT", "VERB", "PHASE", "WEIGHT", "BY", "REASON"),
        rows=tuple(
            (
                str(event.version),
                to_the_second(event.at),
                event.verb,
                event.phase,
                _moved(event),
                event.actor,
                event.reason or "",
            )
            for event in events
        ),
    )


def of_latest(events: Iterable[Event]) -> Sheet:
    """The same without the phase, so that the reasons begin to be told."""
    whole = of_events(events)
    at = whole.header.index("PHASE")
    rows = tuple((*row[:at], *row[at + 1 :]) for row in whole.rows)
    return Sheet(header=(*whole.header[:at], *whole.header[at + 1 :]), rows=rows)


def of_past(events: Sequence[Event]) -> tuple[Sheet, ...]:
    """What happened to a migration, and below it why, in full."""
    whole = of_events(events)
    happened = Sheet(header=whole.header[:-1], rows=tuple(row[:-1] for row in whole.rows))
    reasons = [(str(event.version), event.reason) for event in events if event.reason]
    if not reasons:
        return (happened,)
    why = (line for version, reason in reasons for line in wrapped(version, reason))
    return happened, Sheet(header=("VERSION", "REASON"), rows=tuple(why))


def wrapped(label: str, text: str, most: int | None = None) -> Iterator[tuple[str, str]]:
    """A text on as many lines as it takes, at most so many; the first has the label."""
    for at, line in enumerate(fitted(printable(text), TEXT, most=most)):
        yield ("" if at else label), line


def line_of(view: View) -> str:
    """One migration's standing in a line, for a log of its changes."""
    return (
        f"{view.since}  {view.name}  {view.phase}  weight {percent(view.weights.candidate)}"
        f"  version {view.version}  {view.reason}"
    )


def _moved(event: Event) -> str:
    before, after = event.evidence.get("weight_before"), event.evidence.get("weight_after")
    if before is None or after is None:
        return ""
    return f"{after} %" if before == after else f"{before} > {after} %"


def _column(arm: Side, weight: str) -> Sequence[tuple[str, str]]:
    return (
        ("model", f"{arm.upstream}/{arm.model}"),
        ("weight", weight),
        ("requests", f"{arm.requests:,}"),
        ("errors", _part(arm.errors, arm.requests)),
        ("callers' errors", _part(arm.client_errors, arm.requests)),
        ("hang-ups", _part(arm.client_cancelled, arm.requests)),
        ("crossfade's errors", _part(arm.proxy_errors, arm.requests)),
        ("latency ms 50/95/99", _percentiles(arm.latency_ms)),
        ("first token ms", _percentiles(arm.ttft_ms)),
        ("token gap ms", _percentiles(arm.gap_ms)),
        ("tokens in", f"{arm.tokens.input:,} ({arm.tokens.cached_input:,} cached)"),
        ("tokens out", f"{arm.tokens.output:,} ({arm.tokens.reasoning:,} reasoning)"),
        ("cost USD", _cost(arm)),
        ("usage", f"{arm.usage.final:,} final {arm.usage.estimated:,} est. {_missing(arm)}"),
        ("uncounted", f"{arm.uncounted:,}"),
    )


def _part(count: int, whole: int) -> str:
    return f"{count:,} ({count / whole:.2%})" if count else f"{count:,}"


def _percentiles(found: Percentiles) -> str:
    return " / ".join("-" if ms is None else _ms(ms) for ms in (found.p50, found.p95, found.p99))


def _ms(ms: float) -> str:
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def _cost(arm: Side) -> str:
    cost = "-" if arm.cost_usd is None else f"{arm.cost_usd:,.6f}"
    return f"{cost} ({arm.unpriced:,} unpriced)" if arm.unpriced else cost


def _missing(arm: Side) -> str:
    return f"{arm.usage.missing:,} missing"
