"""One document of the store, opened: every migration's state at one version."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from control.migration import ledger
from control.migration.ledger import Ledger, State
from proxy import wire
from proxy.errors import Invalid
from proxy.policy import Route, Snapshot

FIRST_EPOCH = 1


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The routes and the ledger of one version; each route has its entry and each entry its route.

    It is never edited: a change makes the next version's book.
    """

    snapshot: Snapshot
    ledger: Ledger

    def __post_init__(self) -> None:
        if {route.name for route in self.snapshot.routes} != set(self.ledger.entries):
            raise Invalid("the routes and the ledger name different migrations")

    @property
    def version(self) -> int:
        return self.snapshot.version

    @property
    def routes(self) -> tuple[Route, ...]:
        return self.snapshot.routes

    def states(self) -> tuple[State, ...]:
        """Every migration, in the order of its registration."""
        return tuple(
            State(entry=self.ledger.entries[route.name], route=route) for route in self.routes
        )

    def state(self, name: str) -> State | None:
        """The migration of that name, or None."""
        return next((state for state in self.states() if state.route.name == name), None)

    def amended(self, states: Iterable[State]) -> Book:
        """The next version, in which these migrations are as given and all others as they were."""
        changed = {state.route.name: state for state in states}
        routes = tuple(
            changed[route.name].route if route.name in changed else route for route in self.routes
        )
        known = {route.name for route in routes}
        added = tuple(state.route for name, state in changed.items() if name not in known)
        entries = self.ledger.entries | {name: state.entry for name, state in changed.items()}
        return Book(
            snapshot=msgspec.structs.replace(
                self.snapshot, version=self.version + 1, routes=routes + added
            ),
            ledger=Ledger(entries=entries),
        )

    def document(self) -> bytes:
        """The book as the store keeps it."""
        return wire.encode(self.snapshot, ledger.encode(self.ledger))


def opened(document: bytes | None) -> Book:
    """The book in a document; None, an empty store, is version 0. Refuses what it cannot trust."""
    if document is None:
        return Book(snapshot=Snapshot(epoch=FIRST_EPOCH, version=0), ledger=Ledger())
    snapshot, control = wire.decode(document)
    return Book(snapshot=snapshot, ledger=ledger.decode(control))
