"""What follows when a limit fails: a note, a freeze with a deadline, a step back, a rollback."""

from __future__ import annotations

from typing import assert_never

import msgspec

from control.migration.change import Actor, Change, Tick
from control.migration.ledger import Cause, Phase, Stamp, State, Verb
from control.migration.moment import lasting, seconds
from control.migration.moves import noted, paused, stepped_back
from control.migration.phases import RUNNING
from control.migration.progress import Breach, Progress, Stage
from control.migration.steering import SELF_ENDING
from control.migration.transitions import roll_back
from control.words.criteria import Limit, OnFail
from control.words.steps import Occasion
from control.words.verdict import Judgement, Standing

COOL_DOWN_S = 300.0  # between two holds or steps back; a rollback waits for nothing
WINDOW_S = 86_400.0  # for how long a migration that has ended is still rolled back by itself

_HARDEST_FIRST = tuple(reversed(OnFail))


def answer(tick: Tick) -> Change | None:
    """What the guard does now, one limit at a time and the hardest consequence first.

    It judges for as long as the candidate has traffic, whoever set its weight, and for WINDOW_S
    after the end; longer only where a breach's deadline runs.
    """
    if not _guarded(tick):
        return None
    limits = tick.state.entry.course.limits
    for limit in sorted(limits, key=lambda each: _HARDEST_FIRST.index(each.on_fail)):
        change = _answer(tick, limit)
        if change is not None:
            return change
    return None


def _guarded(tick: Tick) -> bool:
    entry = tick.state.entry
    if entry.latched or not tick.state.route.split.share:
        return False
    if entry.phase is not Phase.HEALTHY or _progress(tick).open_breaches:
        return True
    return tick.now_s - seconds(entry.since.at) <= WINDOW_S


def _answer(tick: Tick, limit: Limit) -> Change | None:
    judgement = tick.judgements.get(limit.key)
    breach = _progress(tick).breach(limit.key)
    if breach is None or (breach.stage is Stage.DISMISSED and breach.epochs):
        if judgement is None or judgement.standing is not Standing.FAIL:
            return None
        return _first_seen(tick, limit, judgement)
    if breach.stage is Stage.DWELLING and judgement is not None:
        if judgement.standing is Standing.FAIL:
            return _dwelt(tick, limit, breach)
        # A controller that has just begun has seen nothing yet: that does not end a breach.
        return _forgotten(tick, breach) if judgement.samples else None
    if breach.stage is Stage.OPEN and tick.now_s >= (breach.due_s or 0.0):
        return _act(tick, limit, breach)
    return None


def _first_seen(tick: Tick, limit: Limit, judgement: Judgement) -> Change | None:
    breach = Breach(
        limit=limit.key,
        stage=Stage.DWELLING,
        since_s=tick.now_s,
        sentence=judgement.sentence,
        epochs=_progress(tick).dismissed.get(limit.key, ()),
    )
    if not limit.for_s:
        return _counts(tick, limit, breach)
    stamp = tick.stamp(Actor.GUARD, f"{breach.sentence} It counts after {lasting(limit.for_s)}.")
    return _note(tick, stamp, _with(tick, breach), limit)


def _dwelt(tick: Tick, limit: Limit, breach: Breach) -> Change | None:
    if tick.now_s - breach.since_s < limit.for_s:
        return None
    return _counts(tick, limit, breach)


def _forgotten(tick: Tick, breach: Breach) -> Change:
    lasted = lasting(tick.now_s - breach.since_s)
    stamp = tick.stamp(Actor.GUARD, f"'{breach.limit}' is kept again after {lasted}.")
    if breach.epochs:
        after = _with(tick, msgspec.structs.replace(breach, stage=Stage.DISMISSED))
    else:
        after = _without(tick, breach)
    figures = {"limit": breach.limit}
    return tick.change(noted(tick.state, stamp, after), stamp, Verb.NOTICE, figures)


def _counts(tick: Tick, limit: Limit, breach: Breach) -> Change | None:
    if limit.within_s is None:
        return _act(tick, limit, breach)
    return _freeze(tick, limit, breach, tick.now_s + limit.within_s)


def _freeze(tick: Tick, limit: Limit, breach: Breach, due_s: float) -> Change:
    """The ramp stands still at once; weights stay until the deadline."""
    entry = tick.state.entry
    stamp = tick.stamp(
        Actor.GUARD,
        f"{breach.sentence} In {lasting(due_s - tick.now_s)} follows {_consequence(limit)}, unless "
        f"{entry.owner} dismisses it.",
    )
    opened = msgspec.structs.replace(breach, stage=Stage.OPEN, due_s=due_s)
    if entry.phase not in RUNNING and not _waits_by_itself(tick.state):
        return _note(tick, stamp, _with(tick, opened), limit, occasion=Occasion.BREACH)
    frozen = paused(noted(tick.state, stamp, _with(tick, opened)), stamp, Cause.BREACH)
    return _changed(tick, frozen, stamp, Verb.HOLD, limit, Occasion.BREACH)


def _act(tick: Tick, limit: Limit, breach: Breach) -> Change | None:
    """What the limit says; None where that has to wait for the cool-down."""
    stamp = tick.stamp(Actor.GUARD, breach.sentence)
    done = msgspec.structs.replace(breach, stage=Stage.DONE, due_s=None)
    progress = _with(tick, done)
    match limit.on_fail:
        case OnFail.WARN:
            return _note(tick, stamp, progress, limit, occasion=Occasion.BREACH)
        case OnFail.ROLLBACK:
            after = roll_back(noted(tick.state, stamp, progress), stamp)
            return _changed(tick, after, stamp, Verb.ROLLBACK, limit, Occasion.ROLLED_BACK)
        case OnFail.HOLD | OnFail.STEP_BACK if not _cooled(tick):
            return None
        case _:
            acted = msgspec.structs.replace(progress, acted_at_s=tick.now_s)
            return _hold_or_step_back(tick, limit, noted(tick.state, stamp, acted), stamp)


def _hold_or_step_back(tick: Tick, limit: Limit, known: State, stamp: Stamp) -> Change:
    if limit.on_fail is OnFail.STEP_BACK:
        after = stepped_back(known, stamp, Cause.STEPPED_BACK)
        return _changed(tick, after, stamp, Verb.STEP_BACK, limit, Occasion.PAUSED)
    if known.entry.phase in RUNNING or _waits_by_itself(known):
        known = paused(known, stamp, Cause.BREACH)
    return _changed(tick, known, stamp, Verb.HOLD, limit, Occasion.PAUSED)


def _note(
    tick: Tick,
    stamp: Stamp,
    progress: Progress,
    limit: Limit,
    *,
    occasion: Occasion | None = None,
) -> Change:
    return _changed(tick, noted(tick.state, stamp, progress), stamp, Verb.NOTICE, limit, occasion)


def _changed(
    tick: Tick, state: State, stamp: Stamp, verb: Verb, limit: Limit, occasion: Occasion | None
) -> Change:
    page = limit.page and occasion is not None
    figures = _figures(limit, tick.judgements.get(limit.key))
    return tick.change(state, stamp, verb, figures, occasion=occasion, page=page)


def _figures(limit: Limit, judgement: Judgement | None) -> dict[str, str]:
    """What the guard went by, for the history; figures that it does not have are left out."""
    if judgement is None:
        return {"limit": limit.key}
    figures: dict[str, float | None] = {
        "log_e": judgement.evidence,
        "threshold": judgement.threshold,
        "alpha": judgement.alpha,
        "bound": judgement.bound,
        "baseline": judgement.baseline,
        "candidate": judgement.candidate,
        "baseline_samples": judgement.baseline_samples,
        "samples": judgement.samples,
    }
    known = {name: f"{value:g}" for name, value in figures.items() if value is not None}
    return {"limit": limit.key, "standing": judgement.standing.value, **known}


def _progress(tick: Tick) -> Progress:
    """What is known; a weight from before there was progress has one that just began."""
    return tick.state.entry.progress or Progress(began_s=tick.now_s)


def _with(tick: Tick, breach: Breach) -> Progress:
    progress = _without(tick, breach)
    return msgspec.structs.replace(progress, breaches=(*progress.breaches, breach))


def _without(tick: Tick, breach: Breach) -> Progress:
    progress = _progress(tick)
    others = tuple(each for each in progress.breaches if each.limit != breach.limit)
    return msgspec.structs.replace(progress, breaches=others)


def _waits_by_itself(known: State) -> bool:
    """Whether a pause would end without a person, or by an approval alone."""
    return known.entry.phase is Phase.PAUSED and known.entry.cause in SELF_ENDING


def _cooled(tick: Tick) -> bool:
    acted_at_s = _progress(tick).acted_at_s
    # A time that is still to come was written by a clock that has been set back since.
    return acted_at_s is None or not 0 <= tick.now_s - acted_at_s < COOL_DOWN_S


def _consequence(limit: Limit) -> str:
    match limit.on_fail:
        case OnFail.ROLLBACK:
            return "a rollback"
        case OnFail.STEP_BACK:
            return "a step back"
        case OnFail.HOLD:
            return "a hold"
        case OnFail.WARN:
            return "nothing"
        case _:
            assert_never(limit.on_fail)
