"""What one host has latched, whatever the store says: those migrations serve no candidate here."""

from __future__ import annotations

import msgspec

from proxy.policy import Route, Snapshot, Split

EVERYTHING = "*"  # how notes and reasons call a latch of all migrations


class Latched(msgspec.Struct, frozen=True, kw_only=True):
    """The local latches: of single migrations, or of everything there is and will be."""

    everything: bool = False
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.names)

    def holds(self, name: str) -> bool:
        return self.everything or name in self.names

    @property
    def spelt(self) -> tuple[str, ...]:
        """Each latch in a word, in order."""
        return ((EVERYTHING,) if self.everything else ()) + tuple(sorted(self.names))


def obeyed(snapshot: Snapshot, latched: Latched) -> Snapshot:
    """The snapshot as this host may serve it; the same object where no latch is concerned.

    A latched route has no weight epoch (0): its requests are the baseline's without a draw, and
    weigh in no test. Nobody can force its candidate.
    """
    if not any(latched.holds(route.name) for route in snapshot.routes):
        return snapshot
    routes = tuple(
        _without_candidate(route) if latched.holds(route.name) else route
        for route in snapshot.routes
    )
    return msgspec.structs.replace(snapshot, routes=routes)


def _without_candidate(route: Route) -> Route:
    return msgspec.structs.replace(route, split=Split(share=0, since=0), allow_force=False)
