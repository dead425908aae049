"""What a person says at a step's gate: approve, or reject."""

from __future__ import annotations

import msgspec

from control.migration.ledger import Cause, Phase, Stamp, State, Verb
from control.migration.moves import continued, noted, stepped_back
from control.migration.phases import permit
from control.migration.progress import Progress
from control.refusal import Code, DeskError


def approve(known: State, stamp: Stamp) -> State:
    """The step's gate open, also ahead of time; the ramp passes it when all else is well.

    Refuses where the step has no gate.
    """
    permit(Verb.APPROVE, known)
    progress = _at_gate(known)
    if progress.approved:
        return known
    approved = msgspec.structs.replace(progress, approved=True)
    if known.entry.phase is Phase.PAUSED and known.entry.cause is Cause.AWAITING_APPROVAL:
        return continued(known, stamp, approved, Cause.APPROVED)
    return noted(known, stamp, approved)


def reject(known: State, stamp: Stamp) -> State:
    """The step undone: the previous step's weight, 0 from the first, until somebody resumes.

    Refuses where the step has no gate.
    """
    permit(Verb.REJECT, known)
    _at_gate(known)
    return stepped_back(known, stamp, Cause.REJECTED)


def _at_gate(known: State) -> Progress:
    entry = known.entry
    if entry.progress is None or entry.step is None or entry.step.gate is None:
        raise DeskError(Code.NOT_WAITING, f"{known.route.name} is at no step that needs approval")
    return entry.progress
