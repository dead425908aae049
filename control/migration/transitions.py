"""What each verb makes of a migration's state: plain functions from values to values.

A verb that changes nothing returns the state it was given, the same object.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from control.migration.ledger import Cause, Entry, Phase, Source, Stamp, State, Verb
from control.migration.moment import seconds
from control.migration.moves import begun_anew, by_hand, moved
from control.migration.phases import permit
from control.migration.progress import Progress
from control.migration.steering import pause
from control.refusal import Code, DeskError
from control.words.steps import Course
from proxy.policy import Route, Split
from proxy.routing.decide import ambiguous

NOTHING = Split(share=0)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration file asks for; the route's split and salt are not the file's to say."""

    route: Route
    owner: str
    source: Source
    course: Course = Course()


def register(
    known: State | None, wanted: Wanted, stamp: Stamp, *, others: Iterable[Route]
) -> State:
    """The migration as its file asks, at the weight, the salt and the phase that it has.

    A new one starts at weight 0 with the salt of the wanted route. Refuses a match that ties with
    another migration's, a change of traffic (match, arms, edits, sticky) over weight 0, and a
    change of steps that have begun. Other traffic, limits, alpha or samples start the evidence
    anew.
    """
    _refuse_tie(wanted.route, others)
    if known is None:
        return _new(wanted, stamp)
    route = msgspec.structs.replace(wanted.route, split=known.route.split, salt=known.route.salt)
    _refuse_traffic(known.route, route)
    _refuse_steps(known.entry, wanted.course)
    if route == known.route and _words(wanted) == _words(known.entry):
        return known
    applied = State(entry=_applied(known.entry, wanted, stamp), route=route)
    same_criteria = _criteria(wanted.course) == _criteria(known.entry.course)
    if same_criteria and _traffic(route) == _traffic(known.route):
        return applied
    return begun_anew(applied, stamp)


def set_share(known: State, share: int, stamp: Stamp) -> State:
    """The candidate's share in basis points; 0 pauses what has begun. Refused while latched.

    A ramp that runs is paused. One that has ended stays so at its last step's weight and above.
    """
    permit(Verb.SET_WEIGHT, known)
    entry = known.entry
    ramp = entry.step is not None and entry.phase is not Phase.HEALTHY
    if share == known.route.split.share:
        return pause(known, stamp) if ramp else known
    if entry.phase is Phase.HEALTHY and share >= _least(known):
        phase, cause = Phase.HEALTHY, Cause.WEIGHT_SET
    elif entry.step is not None or not share:
        phase, cause = Phase.PAUSED, Cause.MANUAL_PAUSE
    else:
        phase, cause = Phase.PROGRESSING, Cause.WEIGHT_SET
    return moved(known, stamp, phase, cause, _set_by_hand(known, stamp, share), share=share)


def roll_back(known: State, stamp: Stamp) -> State:
    """Weight 0 and the latch, from every phase; a second time changes nothing.

    One that was only practised becomes a real one, which no drill undoes.
    """
    if known.entry.latched and known.entry.cause is not Cause.DRILLED:
        return known
    progress = known.entry.progress
    stopped = None if progress is None else progress.stopped(seconds(stamp.at))
    return moved(known, stamp, Phase.DEGRADED, Cause.ROLLED_BACK, stopped, share=0)


def retry(known: State, stamp: Stamp) -> State:
    """The latch cleared, at weight 0; nothing changes where there is none."""
    if not known.entry.latched:
        return known
    return moved(known, stamp, Phase.PENDING, Cause.RETRIED, None, share=0)


def _least(known: State) -> int:
    """The weight from which on a migration has gone through its steps."""
    step = known.entry.step
    return known.route.split.share if step is None else step.in_force


def _set_by_hand(known: State, stamp: Stamp, share: int) -> Progress:
    """A ramp's hold is lost with the step's weight; it stays at its step otherwise."""
    progress = by_hand(known, stamp, share)
    if progress.step is None:
        return progress
    stopped = progress.stopped(seconds(stamp.at))
    return msgspec.structs.replace(stopped, since=stamp.version, held_s=0.0, approved=False)


def _refuse_tie(route: Route, others: Iterable[Route]) -> None:
    rivals = [
        other.name
        for other in others
        if other.name != route.name
        and other.dialect is route.dialect
        and ambiguous(route.match, other.match)
    ]
    if rivals:
        raise DeskError(
            Code.AMBIGUOUS_MATCH,
            f"a request could match {route.name} and {', '.join(rivals)} equally well; "
            "give one of them one more field to match",
        )


def _refuse_traffic(known: Route, route: Route) -> None:
    if known.split.share and _traffic(route) != _traffic(known):
        raise DeskError(
            Code.WEIGHT_NOT_ZERO,
            "match, arms, edits and sticky cannot change while the weight is over 0; "
            "set the weight to 0 first",
        )


def _refuse_steps(entry: Entry, course: Course) -> None:
    """The steps that a ramp has passed, and the one that it is at, are history until it ends."""
    if entry.step_index is None or entry.latched:
        return
    begun = entry.step_index + 1
    if course.steps[:begun] != entry.course.steps[:begun]:
        raise DeskError(
            Code.STEPS_BEGUN,
            f"the first {begun} steps have begun and cannot change; later ones can, and all of "
            "them after a rollback",
        )


def _applied(entry: Entry, wanted: Wanted, stamp: Stamp) -> Entry:
    outdated = entry.latched and wanted.course.steps != entry.course.steps
    return msgspec.structs.replace(
        entry,
        owner=wanted.owner,
        source=wanted.source,
        course=wanted.course,
        progress=None if outdated else entry.progress,
        changed_version=stamp.version,
    )


def _new(wanted: Wanted, stamp: Stamp) -> State:
    entry = Entry(
        phase=Phase.PENDING,
        cause=Cause.REGISTERED,
        since=stamp,
        created_version=stamp.version,
        changed_version=stamp.version,
        owner=wanted.owner,
        source=wanted.source,
        course=wanted.course,
    )
    return State(entry=entry, route=msgspec.structs.replace(wanted.route, split=NOTHING))


def _traffic(route: Route) -> tuple[object, ...]:
    return (route.match, route.dialect, route.baseline, route.candidate, route.sticky)


def _criteria(course: Course) -> tuple[object, ...]:
    """What the guard's tests are made of: frozen for as long as their evidence counts."""
    return (course.limits, course.alpha, course.min_requests)


def _words(of: Wanted | Entry) -> tuple[object, ...]:
    return (of.owner, of.source, of.course)
