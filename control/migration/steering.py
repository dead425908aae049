"""What an operator does to a ramp: start, pause, resume, promote, dismiss.

A verb that changes nothing returns the state it was given, the same object. Times are read from
the stamp.
"""

from __future__ import annotations

import msgspec

from control.migration.ledger import Cause, Phase, Stamp, State, Verb
from control.migration.moves import (
    at_step,
    by_hand,
    completed,
    continued,
    marked,
    moved,
    noted,
    paused,
    tainted,
)
from control.migration.phases import RUNNING, permit
from control.migration.progress import Breach, Progress, Stage
from control.refusal import Code, DeskError
from proxy.policy import WHOLE

SELF_ENDING = (Cause.STALE_METRICS, Cause.NO_TRAFFIC, Cause.AWAITING_APPROVAL, Cause.BREACH)
ASKING_WHY = (Cause.STEPPED_BACK, Cause.REJECTED)


def start(known: State, stamp: Stamp) -> State:
    """The ramp at its first step; a running one stays as it is.

    Refuses a migration without steps, one whose breach has a deadline that runs, and a paused
    ramp, which `resume` continues.
    """
    permit(Verb.START, known)
    if known.entry.step is not None:
        if known.entry.phase in RUNNING:
            return known
        raise DeskError(
            Code.RAMP_UNDERWAY,
            f"{known.route.name} has begun already; 'resume {known.route.name}' continues it",
        )
    _refuse_open_breach(known)
    if not known.entry.course.steps:
        raise _no_steps(known)
    return at_step(known, stamp, 0, Cause.STARTED)


def pause(known: State, stamp: Stamp) -> State:
    """The ramp stopped at the weight that it has, until a person resumes it."""
    permit(Verb.PAUSE, known)
    entry = known.entry
    if entry.phase is Phase.PAUSED and entry.cause not in SELF_ENDING:
        return known
    return paused(known, stamp, Cause.MANUAL_PAUSE)


def resume(known: State, stamp: Stamp) -> State:
    """The ramp going on from the step whose weight is in force.

    Its hold goes on where nothing but time has passed, else it begins anew. Refuses while a
    breach's deadline runs or an approval is awaited, and without a reason after a step back.
    """
    permit(Verb.RESUME, known)
    if known.entry.phase is not Phase.PAUSED:
        return known
    _refuse_open_breach(known)
    _refuse_silence(known, stamp)
    if known.entry.cause is Cause.AWAITING_APPROVAL:
        raise DeskError(
            Code.AWAITING_APPROVAL,
            f"{known.route.name} waits for 'approve' or 'reject'; 'promote' goes on without",
        )
    if known.entry.progress is None or known.entry.step is None:
        return _resumed_by_hand(known, stamp)
    return _resumed(known, stamp, known.entry.progress)


def promote(known: State, stamp: Stamp, *, full: bool = False) -> State:
    """The ramp at the step after the weight in force: no hold, no samples, no approval.

    `full` leads to weight 100: to a last step of 100 that soaks (with what it holds back), else to
    the end. Refuses while a breach's deadline runs, and without a reason after a step back.
    """
    permit(Verb.PROMOTE, known)
    _refuse_open_breach(known)
    _refuse_silence(known, stamp)
    if full:
        return _promoted_fully(known, stamp)
    entry = known.entry
    if entry.phase is Phase.HEALTHY:
        return known
    if not entry.course.steps:
        raise _no_steps(known)
    if entry.progress is None or entry.step is None:
        raise DeskError(
            Code.NOT_RUNNING, f"{known.route.name} has not begun; 'start' begins its first step"
        )
    index = _index_in_force(known, entry.progress)
    following = 0 if index is None else index + 1
    if following == len(entry.course.steps):
        return completed(known, stamp, Cause.PROMOTED)
    return at_step(known, stamp, following, Cause.PROMOTED)


def dismiss(known: State, stamp: Stamp, limit: str | None = None) -> State:
    """Breaches whose deadline runs, or one by its limit's key, without consequence in this step.

    A weight epoch begins, from which their limits are judged anew, against what was dismissed. A
    ramp that they froze goes on. Refuses where there is none, and without a reason.
    """
    permit(Verb.DISMISS, known)
    progress = known.entry.progress
    found = () if progress is None else progress.open_breaches
    chosen = [each for each in found if limit in (None, each.limit)]
    if progress is None or not chosen:
        what = "no breach" if limit is None else f"no breach of '{limit}'"
        raise DeskError(Code.NO_OPEN_BREACH, f"{known.route.name} has {what} whose deadline runs")
    if stamp.note is None:
        raise _reason_needed("dismissing a breach")
    after = msgspec.structs.replace(
        progress,
        breaches=tuple(
            _dismissed(each, stamp.version) if each in chosen else each
            for each in progress.breaches
        ),
    )
    frozen = known.entry.phase is Phase.PAUSED and known.entry.cause is Cause.BREACH
    if frozen and not after.open_breaches and not tainted(known.entry):
        return continued(known, stamp, after, Cause.DISMISSED, decided=True)
    return marked(noted(known, stamp, after), stamp)


def _dismissed(breach: Breach, epoch: int) -> Breach:
    epochs = (*breach.epochs, epoch)
    return msgspec.structs.replace(breach, stage=Stage.DISMISSED, due_s=None, epochs=epochs)


def _resumed_by_hand(known: State, stamp: Stamp) -> State:
    share = known.route.split.share
    if not share:
        raise DeskError(
            Code.NOT_RUNNING,
            f"{known.route.name} has weight 0 and no ramp; 'start' or 'set weight' begins",
        )
    progress = by_hand(known, stamp, share)
    return moved(known, stamp, Phase.PROGRESSING, Cause.RESUMED, progress, share=share)


def _resumed(known: State, stamp: Stamp, progress: Progress) -> State:
    index = _index_in_force(known, progress) or 0
    share, step = known.route.split.share, known.entry.course.steps[index]
    if index == progress.step and share == step.in_force and not tainted(known.entry):
        return continued(known, stamp, progress, Cause.RESUMED, decided=True)
    return at_step(known, stamp, index, Cause.RESUMED, share=max(share, step.in_force))


def _index_in_force(known: State, progress: Progress) -> int | None:
    """The step whose weight is in force, or the nearest below it; None where none is."""
    share, steps = known.route.split.share, known.entry.course.steps
    if progress.step is not None and steps[progress.step].in_force == share:
        return progress.step
    begun = [index for index, step in enumerate(steps) if 0 < step.in_force <= share]
    return max(begun, key=lambda index: steps[index].in_force, default=None)


def _promoted_fully(known: State, stamp: Stamp) -> State:
    entry, share = known.entry, known.route.split.share
    if entry.phase is Phase.SOAKING:
        return completed(known, stamp, Cause.PROMOTED)
    last = len(entry.course.steps) - 1
    soaks = bool(entry.course.steps) and entry.course.steps[last].soak
    if soaks and entry.course.steps[last].share == WHOLE and entry.phase is not Phase.HEALTHY:
        return at_step(known, stamp, last, Cause.PROMOTED)
    if entry.phase is Phase.HEALTHY and share == WHOLE:
        return known
    return completed(known, stamp, Cause.PROMOTED, share=None if share == WHOLE else WHOLE)


def _refuse_open_breach(known: State) -> None:
    progress = known.entry.progress
    if progress is not None and progress.open_breaches:
        limits = ", ".join(breach.limit for breach in progress.open_breaches)
        raise DeskError(
            Code.BREACH_OPEN,
            f"the deadline of a breach runs ({limits}): 'dismiss {known.route.name}' says that "
            "nothing shall follow, 'rollback' ends it",
        )


def _refuse_silence(known: State, stamp: Stamp) -> None:
    asks = known.entry.phase is Phase.PAUSED and known.entry.cause in ASKING_WHY
    if asks and stamp.note is None:
        raise _reason_needed(f"going on after {known.entry.cause}")


def _reason_needed(what: str) -> DeskError:
    return DeskError(Code.REASON_NEEDED, f"{what} needs a reason: --reason TEXT")


def _no_steps(known: State) -> DeskError:
    return DeskError(
        Code.NO_STEPS,
        f"{known.route.name} has no steps; add steps to its file, or use 'set weight'",
    )
