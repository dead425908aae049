"""The ramp: what one look at a migration leads to, if anything; docs/ramp.md has the rules."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from control.migration import breaches
from control.migration.change import Actor, Change, Tick
from control.migration.ledger import Cause, Phase, State, Verb
from control.migration.moment import lasting
from control.migration.moves import at_step, completed, continued, noted, paused
from control.migration.phases import RUNNING
from control.migration.progress import Progress, Stage
from control.migration.unmet import unmet
from control.words.steps import Gate, Occasion, Step
from control.words.verdict import Verdict

STALE_S = 30.0  # measurements older than this pause the ramp
FRESH_S = 10.0  # and younger than this let it go on
NO_TRAFFIC_S = 60.0  # how long a step waits for its first request before it pauses

_FOR_WANT_OF_DATA = (Cause.STALE_METRICS, Cause.NO_TRAFFIC)


def next(state: State, verdict: Verdict, now_s: float, *, version: int) -> Change | None:  # noqa: A001
    """The one thing to do now, None where there is nothing; `version` is the document's next.

    The guard comes first, then the pauses for want of data, then the schedule. `now_s` is UTC
    seconds off a clock that only runs forward.
    """
    tick = Tick(state=state, verdict=verdict, now_s=now_s, version=version)
    return breaches.answer(tick) or _ramp(tick)


def anchored(
    state: State, anchors: Mapping[str, float], now_s: float, *, version: int
) -> Change | None:
    """Thresholds frozen by their limits' keys, once for all; None where there is no new one."""
    progress = state.entry.progress
    if progress is None or state.entry.latched:
        return None
    added = sorted(anchors.keys() - progress.anchors.keys())
    if not added:
        return None
    frozen = {**anchors, **progress.anchors}
    tick = Tick(state=state, verdict=Verdict(), now_s=now_s, version=version)
    stamp = tick.stamp(Actor.GUARD, "Frozen from here on: " + ", ".join(added) + ".")
    after = noted(state, stamp, msgspec.structs.replace(progress, anchors=frozen))
    figures = {key: f"{anchors[key]:g}" for key in added}
    return tick.change(after, stamp, Verb.ANCHOR, figures)


def _ramp(tick: Tick) -> Change | None:
    entry = tick.state.entry
    if entry.progress is None or entry.step is None:
        return None
    if entry.phase is Phase.PAUSED and entry.cause in _FOR_WANT_OF_DATA:
        return _resumed(tick, entry.progress)
    if entry.phase not in RUNNING:
        return None
    return _stopped(tick, entry.progress) or _passed(tick, entry.progress, entry.step)


def _resumed(tick: Tick, progress: Progress) -> Change | None:
    verdict = tick.verdict
    back = verdict.fresh_s is not None and verdict.fresh_s <= FRESH_S
    if not back or not verdict.requests or progress.open_breaches:
        return None
    stamp = tick.stamp(Actor.RAMP, "The data is back.")
    after = continued(tick.state, stamp, progress, Cause.RESUMED)
    return tick.change(after, stamp, Verb.RESUME, occasion=Occasion.STEP)


def _stopped(tick: Tick, progress: Progress) -> Change | None:
    if not tick.state.route.split.share:
        return None
    verdict, age_s = tick.verdict, _age_s(tick, progress)
    if verdict.split_suspect is not None:
        return _paused(tick, Cause.SPLIT_SUSPECT, verdict.split_suspect)
    if age_s > STALE_S:
        return _paused(
            tick,
            Cause.STALE_METRICS,
            f"{_silence(verdict, age_s)}; no data is no pass.",
        )
    held_s = progress.held(tick.now_s)
    if not verdict.requests and held_s >= NO_TRAFFIC_S:
        why = f"The candidate had no request in {lasting(held_s)}; no data is no pass."
        return _paused(tick, Cause.NO_TRAFFIC, why)
    return None


def _silence(verdict: Verdict, age_s: float) -> str:
    told = verdict.silent or f"nothing was measured for {lasting(age_s)}"
    return told[0].upper() + told[1:]


def _passed(tick: Tick, progress: Progress, step: Step) -> Change | None:
    """The next step, where this one has all that it needs; its gate is the last thing asked."""
    entry = tick.state.entry
    if unmet(entry, tick.verdict, tick.now_s):
        return None
    index, steps = progress.step or 0, entry.course.steps
    passed = f"Step {index + 1} of {len(steps)} has passed: {_what_passed(tick, progress)}."
    figures = {"requests": str(tick.verdict.requests)}
    if step.gate is Gate.APPROVE and not progress.approved:
        stamp = tick.stamp(Actor.RAMP, f"{passed} It waits for 'approve {tick.state.route.name}'.")
        after = paused(tick.state, stamp, Cause.AWAITING_APPROVAL)
        return tick.change(after, stamp, Verb.PAUSE, figures, occasion=Occasion.APPROVAL)
    stamp = tick.stamp(Actor.RAMP, passed)
    if index + 1 == len(steps):
        after = completed(tick.state, stamp, Cause.COMPLETED)
        return tick.change(after, stamp, Verb.STEP, figures, occasion=Occasion.DONE)
    after = at_step(tick.state, stamp, index + 1, Cause.STEPPED)
    return tick.change(after, stamp, Verb.STEP, figures, occasion=Occasion.STEP)


def _what_passed(tick: Tick, progress: Progress) -> str:
    held = f"held for {lasting(progress.held(tick.now_s))}"
    if not tick.state.route.split.share:
        return held
    dismissed = any(each.stage is Stage.DISMISSED for each in progress.breaches)
    limits = "every other limit is kept" if dismissed else "every limit is kept"
    return f"{held}, {tick.verdict.requests:,} requests of the candidate, {limits}"


def _paused(tick: Tick, cause: Cause, why: str) -> Change:
    stamp = tick.stamp(Actor.RAMP, why)
    after = paused(tick.state, stamp, cause)
    return tick.change(after, stamp, Verb.PAUSE, occasion=Occasion.PAUSED)


def _age_s(tick: Tick, progress: Progress) -> float:
    """How old the newest measurement is; the step's own age where there never was one."""
    if tick.verdict.fresh_s is None:
        return tick.now_s - progress.began_s
    return tick.verdict.fresh_s
