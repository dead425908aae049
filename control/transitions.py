"""What each verb makes of a migration's state: plain functions from values to values.

A verb that changes nothing returns the state it was given, the same object.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from control.ledger import Cause, Entry, Phase, Source, Stamp, State
from control.refusal import Code, DeskError
from proxy.decide import ambiguous
from proxy.policy import Route, Split

NOTHING = Split(share=0)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration file asks for; the route's split and salt are not the file's to say."""

    route: Route
    owner: str
    source: Source


def register(
    known: State | None, wanted: Wanted, stamp: Stamp, *, others: Iterable[Route]
) -> State:
    """The migration as its file asks, at the weight, the salt and the phase that it has.

    A new one starts at weight 0 with the salt of the wanted route. Refuses a match that ties with
    another migration's, and a change of traffic (match, arms, edits, sticky) over weight 0.
    """
    _refuse_tie(wanted.route, others)
    if known is None:
        return _new(wanted, stamp)
    route = msgspec.structs.replace(wanted.route, split=known.route.split, salt=known.route.salt)
    if known.route.split.share and _traffic(route) != _traffic(known.route):
        raise DeskError(
            Code.WEIGHT_NOT_ZERO,
            "match, arms, edits and sticky cannot change while the weight is over 0; "
            "set the weight to 0 first",
        )
    if route == known.route and _words(wanted) == _words(known.entry):
        return known
    entry = msgspec.structs.replace(
        known.entry,
        owner=wanted.owner,
        source=wanted.source,
        changed_version=stamp.version,
    )
    return State(entry=entry, route=route)


def set_share(known: State, share: int, stamp: Stamp) -> State:
    """The candidate's share in basis points; 0 pauses what has begun. Refused while latched."""
    if known.entry.latched:
        raise DeskError(
            Code.LATCHED,
            f"{known.route.name} was rolled back ({known.entry.reason}); "
            f"'retry {known.route.name}' clears the latch",
        )
    if share == known.route.split.share:
        return known
    if share:
        return _moved(known, stamp, phase=Phase.PROGRESSING, cause=Cause.WEIGHT_SET, share=share)
    return _moved(known, stamp, phase=Phase.PAUSED, cause=Cause.MANUAL_PAUSE)


def roll_back(known: State, stamp: Stamp) -> State:
    """Weight 0 and the latch, from every phase; a second time changes nothing."""
    if known.entry.latched:
        return known
    return _moved(known, stamp, phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK)


def retry(known: State, stamp: Stamp) -> State:
    """The latch cleared, at weight 0; nothing changes where there is none."""
    if not known.entry.latched:
        return known
    return _moved(known, stamp, phase=Phase.PENDING, cause=Cause.RETRIED)


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


def _new(wanted: Wanted, stamp: Stamp) -> State:
    entry = Entry(
        phase=Phase.PENDING,
        cause=Cause.REGISTERED,
        since=stamp,
        created_version=stamp.version,
        changed_version=stamp.version,
        owner=wanted.owner,
        source=wanted.source,
    )
    return State(entry=entry, route=msgspec.structs.replace(wanted.route, split=NOTHING))


def _traffic(route: Route) -> tuple[object, ...]:
    return (route.match, route.dialect, route.baseline, route.candidate, route.sticky)


def _words(of: Wanted | Entry) -> tuple[object, ...]:
    return (of.owner, of.source)


def _moved(known: State, stamp: Stamp, *, phase: Phase, cause: Cause, share: int = 0) -> State:
    entry = msgspec.structs.replace(
        known.entry,
        phase=phase,
        cause=cause,
        since=stamp,
        latched=phase is Phase.DEGRADED,
        changed_version=stamp.version,
    )
    route = msgspec.structs.replace(known.route, split=Split(share=share, since=stamp.version))
    return State(entry=entry, route=route)
