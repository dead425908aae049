"""States of migrations for tests: everything that a test does not name is as usual."""

from __future__ import annotations

from control.migration.ledger import Cause, Entry, Phase, Source, Stamp, State
from control.migration.transitions import Wanted
from proxy.policy import Route
from tests.proxy.routes import route

SOURCE = Source(text="migration: triage\n")


def stamp(version: int = 1, note: str | None = None) -> Stamp:
    return Stamp(version=version, actor="jane@desk", at="2026-01-02T03:04:05.678Z", note=note)


def wanted(asked: Route | None = None, *, owner: str = "jane@example.com") -> Wanted:
    return Wanted(route=asked or route(), owner=owner, source=SOURCE)


def state(
    name: str = "triage",
    *,
    phase: Phase = Phase.PENDING,
    cause: Cause = Cause.REGISTERED,
    share: int = 0,
    version: int = 1,
    note: str | None = None,
) -> State:
    entry = Entry(
        phase=phase,
        cause=cause,
        since=stamp(version, note),
        latched=phase is Phase.DEGRADED,
        created_version=1,
        changed_version=version,
        owner="jane@example.com",
        source=SOURCE,
    )
    return State(entry=entry, route=route(name, share=share))
