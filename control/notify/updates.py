"""What is said every so often while a ramp runs: where it stands and what its tests say. Pure."""

from __future__ import annotations

from control.desk.outlook import Current, Weights, current, percent, weights
from control.guard.amounts import amount
from control.migration.ledger import State
from control.migration.moment import written
from control.notify.message import Message, Topic
from control.words.verdict import Judgement, Standing, Verdict


def update(
    state: State, verdict: Verdict, observed: Weights | None, *, environment: str, now_s: float
) -> Message:
    """The message of a moment; it has the same id on every replica within a second."""
    entry, route = state.entry, state.route
    step = current(entry, verdict, now_s)
    lines = [
        _standing(state, observed),
        "" if step is None else _step(step),
        " ".join(f"{_figure(each)}." for each in verdict.judgements),
        _ruling(verdict),
    ]
    return Message(
        id=f"{route.name}/{int(now_s)}/update",
        topic=Topic.UPDATE,
        environment=environment,
        migration=route.name,
        phase=entry.phase,
        weights=weights(route.split.share),
        version=entry.changed_version,
        at=written(now_s),
        text=" ".join(line for line in lines if line),
    )


def _standing(state: State, observed: Weights | None) -> str:
    seen = "" if observed is None else f" ({observed.candidate:g} % observed)"
    share = percent(state.route.split.share)
    return f"{state.entry.phase}: the candidate has {share:g} % of the traffic{seen}."


def _step(step: Current) -> str:
    for_what = f", waits for {', '.join(step.awaiting)}" if step.awaiting else ""
    return f"Step {step.index} of {step.of}{for_what}."


def _figure(judgement: Judgement) -> str:
    metric = judgement.limit.metric
    if judgement.candidate is None:
        return f"{metric} not measured yet"
    ours = f"{metric} {amount(metric, judgement.candidate)}"
    if judgement.baseline is None:
        return ours
    return f"{ours} (baseline {amount(metric, judgement.baseline)})"


def _ruling(verdict: Verdict) -> str:
    if verdict.breaches:
        return f"Breached: {', '.join(each.limit.key for each in verdict.breaches)}."
    passed = sum(each.standing is Standing.PASS for each in verdict.judgements)
    return f"{passed} of {len(verdict.judgements)} limits pass." if verdict.judgements else ""
