"""How one state of a migration becomes the next: a phase, a weight, a step, and who did it."""

from __future__ import annotations

import msgspec

from control.migration.ledger import Cause, Entry, Phase, Stamp, State
from control.migration.moment import seconds
from control.migration.progress import Progress, Stage
from control.words.criteria import OnFail
from control.words.steps import Step
from proxy.policy import Split


def moved(
    known: State,
    stamp: Stamp,
    phase: Phase,
    cause: Cause,
    progress: Progress | None,
    *,
    share: int | None = None,
) -> State:
    """The migration in another phase; a `share`, even the same one, begins a weight epoch."""
    entry = msgspec.structs.replace(
        known.entry,
        phase=phase,
        cause=cause,
        since=stamp,
        latched=phase is Phase.DEGRADED,
        changed_version=stamp.version,
        progress=progress,
    )
    if share is None:
        return State(entry=entry, route=known.route)
    route = msgspec.structs.replace(known.route, split=Split(share=share, since=stamp.version))
    return State(entry=entry, route=route)


def noted(known: State, stamp: Stamp, progress: Progress) -> State:
    """The migration in the same phase, with more known of its progress."""
    entry = msgspec.structs.replace(known.entry, changed_version=stamp.version, progress=progress)
    return State(entry=entry, route=known.route)


def marked(known: State, stamp: Stamp) -> State:
    """The same with a weight epoch that begins, at the weight that it has."""
    split = msgspec.structs.replace(known.route.split, since=stamp.version)
    return State(entry=known.entry, route=msgspec.structs.replace(known.route, split=split))


def at_step(
    known: State, stamp: Stamp, index: int, cause: Cause, *, share: int | None = None
) -> State:
    """The migration at the beginning of a step, at the step's weight or at `share`.

    A weight epoch begins, so that what is measured in the step can be told apart. Its breaches are
    forgotten and its hold begins. Evidence is read on from where it started, and from here alone
    where it is tainted.
    """
    step, before = known.entry.course.steps[index], known.entry.progress
    now_s = seconds(stamp.at)
    progress = Progress(
        step=index,
        since=stamp.version,
        began_s=now_s,
        running_since_s=now_s,
        starts=(stamp.version,),
    )
    if before is not None and not tainted(known.entry):
        progress = msgspec.structs.replace(
            progress,
            starts=(*before.starts, stamp.version),
            anchors=before.anchors,
            acted_at_s=before.acted_at_s,
        )
    weight = step.in_force if share is None else share
    return moved(known, stamp, phase_of(step), cause, progress, share=weight)


def continued(
    known: State, stamp: Stamp, progress: Progress, cause: Cause, *, decided: bool = False
) -> State:
    """The ramp going on in its step, with the hold and the requests that it has.

    Where a person `decided` so a weight epoch begins, at which workers that spared the candidate
    send to it again (proxy/routing/breaker.py).
    """
    share = known.route.split.share if decided else None
    step = known.entry.step
    if step is None:
        return moved(known, stamp, Phase.PROGRESSING, cause, progress, share=share)
    running = msgspec.structs.replace(progress, running_since_s=seconds(stamp.at))
    return moved(known, stamp, phase_of(step), cause, running, share=share)


def paused(known: State, stamp: Stamp, cause: Cause) -> State:
    """The ramp stopped in its step at the weight that it has; its hold waits."""
    progress = known.entry.progress
    stopped = None if progress is None else progress.stopped(seconds(stamp.at))
    return moved(known, stamp, Phase.PAUSED, cause, stopped)


def stepped_back(known: State, stamp: Stamp, cause: Cause) -> State:
    """The ramp stopped at the previous step's weight, 0 from the first; never at a higher one."""
    entry, progress = known.entry, known.entry.progress
    index = entry.step_index
    lower = 0
    if index:
        lower = min(entry.course.steps[index - 1].in_force, known.route.split.share)
    if progress is not None:
        now_s = seconds(stamp.at)
        progress = msgspec.structs.replace(
            progress.stopped(now_s),
            step=index - 1 if index else index,
            since=stamp.version,
            began_s=now_s,
            held_s=0.0,
            approved=False,
        )
    return moved(known, stamp, Phase.PAUSED, cause, progress, share=lower)


def completed(known: State, stamp: Stamp, cause: Cause, *, share: int | None = None) -> State:
    """The migration at its end, at the weight that it has or at `share`, as if set by hand."""
    progress = known.entry.progress if share is None else by_hand(known, stamp, share)
    stopped = None if progress is None else progress.stopped(seconds(stamp.at))
    return moved(known, stamp, Phase.HEALTHY, cause, stopped, share=share)


def begun_anew(known: State, stamp: Stamp) -> State:
    """The same, with a weight epoch from which evidence is read; its step is held in full again."""
    progress, now_s = known.entry.progress, seconds(stamp.at)
    if progress is None:
        return known
    running = None if progress.running_since_s is None else now_s
    afresh = msgspec.structs.replace(
        progress,
        since=stamp.version,
        began_s=now_s,
        held_s=0.0,
        running_since_s=running,
        breaches=(),
        starts=(stamp.version,),
        anchors={},
    )
    return marked(noted(known, stamp, afresh), stamp)


def phase_of(step: Step) -> Phase:
    """The phase in which a step runs."""
    return Phase.SOAKING if step.soak else Phase.PROGRESSING


def by_hand(known: State, stamp: Stamp, share: int) -> Progress:
    """The progress under a weight that is set by hand: as it was, on new evidence where tainted.

    Breaches whose deadline runs stay. A dismissal was of the weight that there was: it does not
    hold for a higher one.
    """
    before = known.entry.progress
    if before is None:
        return Progress(began_s=seconds(stamp.at), starts=(stamp.version,))
    if not tainted(known.entry):
        return before if share <= known.route.split.share else _undismissed(before)
    return msgspec.structs.replace(
        before, breaches=before.open_breaches, starts=(stamp.version,), anchors={}
    )


def _undismissed(progress: Progress) -> Progress:
    left = tuple(each for each in progress.breaches if each.stage is not Stage.DISMISSED)
    return msgspec.structs.replace(progress, breaches=left)


def tainted(entry: Entry) -> bool:
    """Whether evidence must not be read on once the ramp goes on.

    That is so where a breach has had its consequence in this step: its alarm would sound for ever;
    and where the split was not what it should be. A breach that only warns taints nothing.
    """
    warns = {limit.key for limit in entry.course.limits if limit.on_fail is OnFail.WARN}
    breaches = () if entry.progress is None else entry.progress.breaches
    return entry.cause is Cause.SPLIT_SUSPECT or any(
        each.stage is Stage.DONE and each.limit not in warns for each in breaches
    )
