"""Ramps for tests: a course of three steps, states along it, and what the guard may say of them."""

from __future__ import annotations

import msgspec

import control.migration.ramp
from control.migration.change import Change
from control.migration.ledger import Cause, Phase, Stamp, State
from control.migration.moment import written
from control.migration.progress import Breach, Progress, Stage
from control.words.criteria import Limit, Metric, OnFail, Scale, Side
from control.words.steps import Course, Gate, Step
from control.words.verdict import Judgement, Standing, Verdict
from tests.control.states import state

BEGAN_S = 1_800_000_000.0
STEPS = (
    Step(share=100, hold_s=300.0),
    Step(share=1_000, hold_s=600.0, gate=Gate.APPROVE),
    Step(share=10_000, hold_s=3_600.0, soak=True, holdback=100),
)


ERRORS = Limit(
    metric=Metric.ERROR_RATE,
    side=Side.OVER,
    number=0.02,
    written="2%",
    on_fail=OnFail.ROLLBACK,
)


def limit(on_fail: OnFail = OnFail.ROLLBACK, **more: object) -> Limit:
    return msgspec.structs.replace(ERRORS, on_fail=on_fail, **more)


RELATIVE = limit(side=Side.OVER_BASELINE, number=1.25, scale=Scale.FACTOR, written="1.25x")


def course(*limits: Limit, steps: tuple[Step, ...] = STEPS) -> Course:
    return Course(steps=steps, limits=limits or (ERRORS,))


def at(now_s: float, version: int = 2, note: str | None = None) -> Stamp:
    return Stamp(version=version, actor="jane@desk", at=written(now_s), note=note)


def breach(
    stage: Stage, of: Limit = ERRORS, *, since_s: float = BEGAN_S, due_s: float | None = None
) -> Breach:
    return Breach(limit=of.key, stage=stage, since_s=since_s, due_s=due_s, sentence="5 % failed.")


def pending(of: Course | None = None) -> State:
    known = state()
    entry = msgspec.structs.replace(known.entry, course=course() if of is None else of)
    return State(entry=entry, route=known.route)


def ramp(
    step: int | None = 0,
    phase: Phase = Phase.PROGRESSING,
    cause: Cause = Cause.STEPPED,
    *,
    of: Course | None = None,
    share: int | None = None,
    breaches: tuple[Breach, ...] = (),
    **progress: object,
) -> State:
    """A migration at a step (None: by hand, at 10 %) that began at BEGAN_S, at version 1."""
    whole = course() if of is None else of
    known = state(phase=phase, cause=cause)
    in_force = 1_000 if step is None else whole.steps[step].in_force
    in_force = in_force if share is None else share
    running = BEGAN_S if phase in (Phase.PROGRESSING, Phase.SOAKING) and step is not None else None
    words: dict[str, object] = {
        "since": 1,
        "began_s": BEGAN_S,
        "running_since_s": running,
        "starts": (1,),
    }
    entry = msgspec.structs.replace(
        known.entry,
        course=whole,
        since=at(BEGAN_S, 1),
        progress=Progress(step=step, breaches=breaches, **(words | progress)),  # type: ignore[arg-type]
    )
    split = msgspec.structs.replace(known.route.split, share=in_force, since=1)
    return State(entry=entry, route=msgspec.structs.replace(known.route, split=split))


def frozen(step: int = 0, **more: object) -> State:
    """A ramp that stands still until a breach's deadline."""
    opened = breach(Stage.OPEN, due_s=BEGAN_S + 3_600)
    return ramp(step, Phase.PAUSED, Cause.BREACH, breaches=(opened,), **more)  # type: ignore[arg-type]


def degraded() -> State:
    return state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK)


JUDGED = Judgement(
    limit=ERRORS,
    standing=Standing.PASS,
    evidence=5.25,
    threshold=4.6,
    alpha=0.01,
    bound=None,
    baseline=0.01,
    candidate=0.05,
    ratio=5.0,
    interval=None,
    baseline_samples=9_900,
    samples=500,
    sentence="The candidate failed 5.0 % of 500 requests.",
)


def judged(of: Limit = ERRORS, standing: Standing = Standing.PASS, **more: object) -> Judgement:
    return msgspec.structs.replace(JUDGED, limit=of, standing=standing, **more)


def verdict(
    *judgements: Judgement,
    requests: int = 500,
    fresh_s: float | None = 1.0,
    split_suspect: str | None = None,
) -> Verdict:
    """What the guard says of a step that is well, unless told otherwise."""
    return Verdict(
        judgements=judgements or (judged(),),
        requests=requests,
        fresh_s=fresh_s,
        split_suspect=split_suspect,
    )


def failing(*of: Limit) -> Verdict:
    return verdict(*(judged(each, Standing.FAIL) for each in of or (ERRORS,)))


def looked(known: State, says: Verdict, after_s: float, version: int = 2) -> Change | None:
    """What one look leads to, so many seconds after the step began."""
    return control.migration.ramp.next(known, says, BEGAN_S + after_s, version=version)


def changed(known: State, says: Verdict, after_s: float, version: int = 2) -> Change:
    change = looked(known, says, after_s, version)
    assert change is not None
    assert change.version == change.state.entry.changed_version == version
    assert change.evidence["weight_before"] == f"{known.route.split.share / 100:g}"
    assert change.sentence
    return change


def stands(known: State) -> tuple[Phase, Cause, int]:
    """Its phase, why, and at which share."""
    return (known.entry.phase, known.entry.cause, known.route.split.share)


def progress(known: State) -> Progress:
    assert known.entry.progress is not None
    return known.entry.progress
