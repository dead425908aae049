"""What the desk answers with: the records that the admin API sends and the command line reads."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from control.ledger import Cause, Phase, State, Verb
from proxy.policy import WHOLE, Arm, ArmName, Dialect, Match


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Each arm's share of the traffic, in percent from 0 to 100."""

    baseline: float
    candidate: float


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


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds; null where nothing was measured yet."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Token totals; `input` includes cached ones, `output` includes reasoning."""

    input: int = 0
    cached_input: int = 0
    output: int = 0
    reasoning: int = 0


class UsageStates(msgspec.Struct, frozen=True, kw_only=True):
    """How many exchanges had the provider's own usage figures, estimates, or none."""

    final: int = 0
    estimated: int = 0
    missing: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured on one arm since this process started; null: not known yet.

    The same figures as `proxy.figures`, from which they are copied by name.
    """

    requests: int = 0
    errors: int = 0
    client_cancelled: int = 0
    client_errors: int = 0
    proxy_errors: int = 0
    latency_ms: Percentiles = Percentiles()
    ttft_ms: Percentiles = Percentiles()
    gap_ms: Percentiles = Percentiles()
    tokens: Tokens = Tokens()
    cost_usd: float | None = None
    unpriced: int = 0
    usage: UsageStates = UsageStates()
    uncounted: int = 0


class Side(Figures, frozen=True, kw_only=True):
    """One arm: what it asks for, and its figures."""

    name: str
    upstream: str
    model: str


class View(Summary, frozen=True, kw_only=True):
    """A migration in full."""

    arms: dict[ArmName, Side]


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the verb's arrival until it was stored, and until workers served it."""

    stored: float
    acknowledged: float | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What a verb did.

    `changed` is false where the migration was already so. `acknowledged` is null where nobody
    waited, and false where some live worker did not serve the version in time.
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


def weights(share: int) -> Weights:
    """The percents that a candidate's share means; whole ones are whole numbers."""
    return Weights(baseline=_percent(WHOLE - share), candidate=_percent(share))


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


def view(state: State, snapshot_version: int, measured: Mapping[ArmName, object]) -> View:
    """One migration in full; `measured` are objects that have the attributes of Figures."""
    sides = {arm: _side(state.route.arm(arm), measured[arm]) for arm in ArmName}
    standing = msgspec.structs.asdict(summary(state, snapshot_version))
    return View(arms=sides, **standing)


def _percent(share: int) -> float:
    return share / 100 if share % 100 else share // 100


def _side(arm: Arm, measured: object) -> Side:
    figures = msgspec.structs.asdict(msgspec.convert(measured, Figures, from_attributes=True))
    return Side(name=arm.name, upstream=arm.upstream, model=arm.model, **figures)
