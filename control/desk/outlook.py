"""Where a ramp stands and what its tests say: the records that `get` adds to a migration. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

import msgspec

from control.guard import Explanation, explain
from control.guard.rulings import moment_of
from control.measures.judge import Judge
from control.migration.ledger import Entry, Phase, State
from control.migration.moment import written
from control.migration.progress import Breach, Stage
from control.migration.unmet import unmet
from control.words.criteria import Metric, OnFail, Side
from control.words.evidence import Evidence
from control.words.steps import Gate, Step
from control.words.verdict import Judgement, Standing, Verdict
from proxy.policy import WHOLE


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Each arm's share of the traffic, in percent from 0 to 100."""

    baseline: float
    candidate: float


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the ramp as its file has it; `weight` and `holdback` in percent."""

    index: int
    weight: float
    hold_s: float
    gate: Gate | None
    soak: bool
    holdback: float


class Current(Planned, frozen=True, kw_only=True):
    """The step that the ramp is at, from 1 to `of`.

    `held` says whether the hold's clock runs now; a pause stops it. `awaiting` is everything that
    it still waits for, in words. `requests` are the candidate's since the step began;
    `min_requests` are needed.
    """

    of: int
    hold_left_s: float
    held: bool
    awaiting: tuple[str, ...]
    requests: int
    min_requests: int


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """One limit and what its test says now; every number is in the metric's own unit.

    `evidence` and `threshold` are natural logarithms: the limit fails when the one reaches the
    other. `evidence` is None where there is none at all. `interval` is the candidate's or, against
    the baseline, the ratio's or difference's, None for a side that is not bounded yet.
    """

    limit: str
    metric: Metric
    side: Side
    written: str
    on_fail: OnFail
    page: bool
    for_s: float
    within_s: float | None
    standing: Standing
    evidence: float | None
    threshold: float
    alpha: float
    bound: float | None
    baseline: float | None
    candidate: float | None
    ratio: float | None
    interval: tuple[float | None, float | None] | None
    baseline_samples: int
    samples: int
    sentence: str


class Breached(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that failed in this step: since when, and how far it has come (UTC, ISO 8601).

    `deadline` is when what `on_fail` says happens by itself, None where nothing does any more or
    nothing has a deadline. `sentence` is what the guard saw when it began.
    """

    limit: str
    on_fail: OnFail
    stage: Stage
    since: str
    deadline: str | None
    deadline_in_s: float | None
    sentence: str


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ramp stands; all of it empty for a migration whose weight is set by hand alone.

    `observed` are the shares of the requests that counted since the weight was set. `steps` is the
    schedule, `step` the one under way. `limits` have an entry for each limit that was judged.
    `fresh_s` is the age of the newest measurement. `split_suspect` is what speaks against the
    split itself.
    """

    observed: Weights | None = None
    steps: tuple[Planned, ...] = ()
    step: Current | None = None
    limits: tuple[Tested, ...] = ()
    breaches: tuple[Breached, ...] = ()
    fresh_s: float | None = None
    split_suspect: str | None = None


def outlook(state: State, judge: Judge, now_s: float) -> Outlook:
    """Where a migration's ramp stands now (UTC seconds), with what its judge says of it."""
    name, entry = state.route.name, state.entry
    verdict = judge.verdict(name) or Verdict()
    return Outlook(
        observed=observed(judge.evidence(name), state.route.split.since),
        steps=planned(entry.course.steps),
        step=current(entry, verdict, now_s),
        limits=tuple(map(shown_test, verdict.judgements)),
        breaches=breached(entry, now_s),
        fresh_s=verdict.fresh_s,
        split_suspect=verdict.split_suspect,
    )


def explained(
    state: State, judge: Judge, asked: str | None, now_s: float
) -> tuple[Explanation, ...]:
    """The arithmetic of each limit of a metric, of the limit of this key, or of all."""
    evidence = judge.evidence(state.route.name)
    return explain(state.entry.course, evidence, asked, moment=moment_of(state, now_s))


def weights(share: int) -> Weights:
    """The percents that a candidate's share means; whole ones are whole numbers."""
    return Weights(baseline=percent(WHOLE - share), candidate=percent(share))


def percent(share: int) -> float:
    """Basis points as a percent, a whole number where it is one."""
    return share / 100 if share % 100 else share // 100


def observed(evidence: Evidence, epoch: int) -> Weights | None:
    """The shares of the requests that counted since the weight was set; None without any."""
    cells = evidence.epoch(epoch)
    candidate = sum(cell.candidate.requests for cell in cells)
    whole = candidate + sum(cell.baseline.requests for cell in cells)
    return weights(round(WHOLE * candidate / whole)) if whole else None


def planned(steps: Iterable[Step]) -> tuple[Planned, ...]:
    """The schedule, in advance."""
    return tuple(_planned(index, step) for index, step in enumerate(steps, 1))


def _planned(index: int, step: Step) -> Planned:
    return Planned(
        index=index,
        weight=percent(step.in_force),
        hold_s=step.hold_s,
        gate=step.gate,
        soak=step.soak,
        holdback=percent(step.holdback),
    )


def current(entry: Entry, verdict: Verdict, now_s: float) -> Current | None:
    """The step that the ramp is at; None where it has not begun, or is over."""
    progress, step, course = entry.progress, entry.step, entry.course
    over = entry.phase in (Phase.HEALTHY, Phase.DEGRADED)
    if progress is None or progress.step is None or step is None or over:
        return None
    asks = step.gate is Gate.APPROVE and not progress.approved
    return Current(
        **msgspec.structs.asdict(_planned(progress.step + 1, step)),
        of=len(course.steps),
        hold_left_s=max(0.0, step.hold_s - progress.held(now_s)),
        held=progress.running_since_s is not None,
        awaiting=(*unmet(entry, verdict, now_s), *(("an approval",) if asks else ())),
        requests=verdict.requests,
        min_requests=course.min_requests,
    )


def breached(entry: Entry, now_s: float) -> tuple[Breached, ...]:
    """Every limit that failed in this step, as the ramp keeps it."""
    consequences = {limit.key: limit.on_fail for limit in entry.course.limits}
    kept = () if entry.progress is None else entry.progress.breaches
    return tuple(_breached(one, consequences.get(one.limit, OnFail.WARN), now_s) for one in kept)


def _breached(breach: Breach, on_fail: OnFail, now_s: float) -> Breached:
    due_s = breach.due_s if breach.stage is Stage.OPEN else None
    return Breached(
        limit=breach.limit,
        on_fail=on_fail,
        stage=breach.stage,
        since=written(breach.since_s),
        deadline=None if due_s is None else written(due_s),
        deadline_in_s=None if due_s is None else max(0.0, due_s - now_s),
        sentence=breach.sentence,
    )


def shown_test(judgement: Judgement) -> Tested:
    """A judgement as it is shown; a logarithm of nothing becomes None."""
    limit = judgement.limit
    return Tested(
        limit=limit.key,
        metric=limit.metric,
        side=limit.side,
        written=limit.written,
        on_fail=limit.on_fail,
        page=limit.page,
        for_s=limit.for_s,
        within_s=limit.within_s,
        standing=judgement.standing,
        evidence=judgement.evidence if isfinite(judgement.evidence) else None,
        threshold=judgement.threshold,
        alpha=judgement.alpha,
        bound=judgement.bound,
        baseline=judgement.baseline,
        candidate=judgement.candidate,
        ratio=judgement.ratio,
        interval=judgement.interval,
        baseline_samples=judgement.baseline_samples,
        samples=judgement.samples,
        sentence=judgement.sentence,
    )
