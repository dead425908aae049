"""What the desk answers with: the records that the admin API sends and the command line reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from control.desk.outlook import Breached, Current, Outlook, Planned, Tested, Weights, weights
from control.migration.ledger import Cause, Phase, State, Verb
from control.store import Event, WorkerStatus
from proxy.numbers.arm_figures import Figures
from proxy.policy import Arm, ArmName, Dialect, Match


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Where a migration stands.

    `version` is the one that last changed this migration, to give as `expected_version`;
    `snapshot_version` is the whole document's. `since` and `actor` tell of the phase.
    """

    name: str
    phase: Phase
    reason: str
    version: int
    weights: Weights
    cause: Cause
    latched: bool
    since: str
    actor: str
    owner: str
    match: Match
    dialect: Dialect
    created_version: int
    snapshot_version: int


class Side(Figures, frozen=True, kw_only=True):
    """One arm: what it asks for, and its figures."""

    name: str
    upstream: str
    model: str


class View(Summary, frozen=True, kw_only=True):
    """A migration in full, with the live workers and the latest events.

    `weights` are those that the document sets. What comes after the arms is as in `Outlook`.
    """

    arms: dict[ArmName, Side]
    observed: Weights | None = None
    steps: tuple[Planned, ...] = ()
    step: Current | None = None
    limits: tuple[Tested, ...] = ()
    breaches: tuple[Breached, ...] = ()
    fresh_s: float | None = None
    split_suspect: str | None = None
    workers: tuple[WorkerStatus, ...] = ()
    events: tuple[Event, ...] = ()


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the verb's arrival until it was stored, and until workers served it.

    `workers` are those that were seen to serve it, each when; `acknowledged` is of the last one.
    """

    stored: float
    acknowledged: float | None = None
    workers: dict[str, float] = {}


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb did.

    `changed` is false where the migration was already so. `acknowledged` is null where nobody
    waited, and false where some live worker did not serve the version in time: those `missing`.
    """

    name: str
    verb: Verb
    changed: bool
    phase: Phase
    reason: str
    version: int
    weights: Weights
    latched: bool
    acknowledged: bool | None
    timings_ms: Timings
    missing: tuple[str, ...] = ()


def summary(state: State, snapshot_version: int) -> Summary:
    """Where one migration stands."""
    entry, route = state.entry, state.route
    return Summary(
        name=route.name,
        phase=entry.phase,
        reason=entry.reason,
        version=entry.changed_version,
        weights=weights(route.split.share),
        cause=entry.cause,
        latched=entry.latched,
        since=entry.since.at,
        actor=entry.since.actor,
        owner=entry.owner,
        match=route.match,
        dialect=route.dialect,
        created_version=entry.created_version,
        snapshot_version=snapshot_version,
    )


def view(
    state: State,
    snapshot_version: int,
    measured: Mapping[ArmName, Figures],
    outlook: Outlook = Outlook(),  # noqa: B008 - frozen
    *,
    workers: Sequence[WorkerStatus] = (),
    events: Sequence[Event] = (),
) -> View:
    """One migration in full; `measured` is what is known of each arm."""
    return View(
        **msgspec.structs.asdict(summary(state, snapshot_version)),
        **msgspec.structs.asdict(outlook),
        arms={arm: _side(state.route.arm(arm), measured[arm]) for arm in ArmName},
        workers=tuple(workers),
        events=tuple(events),
    )


def _side(arm: Arm, measured: Figures) -> Side:
    figures = msgspec.structs.asdict(measured)
    return Side(name=arm.name, upstream=arm.upstream, model=arm.model, **figures)
