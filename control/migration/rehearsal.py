"""The two moves of a drill: everything back to the baseline, and everything as it was. Pure.

While it is practised the migration is Degraded and latched like after a real rollback, so that a
drill whose process dies leaves the safe side in force.
"""

from __future__ import annotations

import msgspec

from control.migration.ledger import Cause, Phase, Stamp, State
from control.migration.moment import seconds
from control.migration.moves import moved
from control.refusal import Code, DeskError


def practised(known: State, stamp: Stamp) -> State:
    """Weight 0 and the latch. Refuses where nothing would be rolled back."""
    name = known.route.name
    if known.entry.latched:
        raise DeskError(
            Code.LATCHED,
            f"{name} was rolled back: there is nothing to drill; 'retry {name}' clears the latch",
        )
    if not known.route.split.share:
        raise DeskError(
            Code.NOT_RUNNING,
            f"{name} has weight 0: a drill needs traffic to take back; '--weight 1' shifts 1 %",
        )
    return moved(known, stamp, Phase.DEGRADED, Cause.DRILLED, known.entry.progress, share=0)


def restored(before: State, known: State, stamp: Stamp, *, began_s: float) -> State:
    """The state `before` the drill, its weight epoch included, as a version of its own.

    What passed since the drill `began_s` was not at the step's weight: it is no part of its hold.
    """
    progress = before.entry.progress
    if progress is not None and progress.running_since_s is not None:
        held = progress.stopped(began_s)
        progress = msgspec.structs.replace(held, running_since_s=seconds(stamp.at))
    entry = msgspec.structs.replace(before.entry, changed_version=stamp.version, progress=progress)
    route = msgspec.structs.replace(known.route, split=before.route.split)
    return State(entry=entry, route=route)


def unmeddled(left: State, known: State) -> None:
    """Refuses where somebody has changed the migration since the drill left it so."""
    if known.entry.changed_version == left.entry.changed_version:
        return
    raise DeskError(
        Code.VERSION_CONFLICT,
        f"{known.entry.since.actor} changed {known.route.name} during the drill: it stays "
        f"{known.entry.phase} ({known.entry.reason})",
        current=known.entry.changed_version,
    )
