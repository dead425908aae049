"""The newest book as a control loop needs it: opened when its document has changed, else kept.

A store may hold thousands of migrations that are weighed by hand; a tick must not pay for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from control.migration.book import Book, opened
from control.migration.ledger import State


class Newest:
    """One book. `states` has every migration; `ruled` are the names of those that have limits or a
    ramp under way, `told` the states of those that somebody is told of.
    """

    def __init__(self) -> None:
        self.book: Book | None = None
        self.states: Mapping[str, State] = {}
        self.ruled: tuple[str, ...] = ()
        self.told: tuple[State, ...] = ()
        self._document: bytes | None = None

    async def take(self, document: bytes | None) -> Book:
        """The book of what was read. Raises Invalid for a document that cannot be trusted."""
        if self.book is None or document != self._document:
            self.turn(await asyncio.to_thread(opened, document), document)
        assert self.book is not None
        return self.book

    def turn(self, book: Book, document: bytes | None) -> None:
        """The book is this one from now on."""
        self.book, self._document = book, document
        self.states = {state.route.name: state for state in book.states()}
        self.ruled = tuple(name for name, state in self.states.items() if _ruled(state))
        self.told = tuple(state for state in self.states.values() if state.entry.course.notify)


def _ruled(state: State) -> bool:
    return bool(state.entry.course.limits) or state.entry.step is not None
