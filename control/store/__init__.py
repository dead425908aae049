"""The store: one versioned document, changed by compare-and-set, and the history of changes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec


class StoreUnavailable(Exception):
    """The store cannot be read or written now; the text says why. Never said of an empty one.

    After a commit it means "not known to have happened": read before trying again.
    """


class StoreInUse(StoreUnavailable):
    """Another crossfade holds this store and will go on holding it."""


class Conflict(Exception):
    """The document is at version `current`, not at the one the change was made from."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the store is at version {current}")
        self.current = current


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of one migration: who did what, when and why, and the phase it led to.

    `version` is the document's that the change made. `at` is UTC in ISO 8601; it orders nothing.
    """

    version: int
    migration: str
    verb: str
    actor: str
    reason: str | None = None
    at: str
    evidence: dict[str, str] = {}
    phase: str


class Stored(NamedTuple):
    """What the store holds; version 0 and None when nothing was ever committed."""

    version: int
    document: bytes | None


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The version that a worker last said it serves, and how long ago; silent ones are not live.

    `notes` are what else it said of itself: `latched NAME` (its host's local latch), `breaker NAME`
    (it sends nothing more to that candidate).
    """

    worker: str
    version: int
    age_s: float
    live: bool
    notes: tuple[str, ...] = ()


class Told(Protocol):
    """Something that is told once; an asyncio.Event."""

    async def wait(self) -> bool:
        """Returns once it is told, at once if it has been."""
        ...


class News(NamedTuple):
    """When to look again: as soon as it is `told`, and after `within_s`, since not all is told."""

    told: Told
    within_s: float


class Store(Protocol):
    """What every store can do. All of them raise StoreUnavailable when it cannot be reached."""

    async def read(self) -> Stored:
        """The document and its version, whole and checked."""
        ...

    async def commit(self, document: bytes, expected: int, event: Event) -> None:
        """Replaces the document if it is still at `expected`, and appends `event`, both or neither.

        Raises Conflict when it is not; Invalid for a document that is not sound or not at version
        `expected` + 1, or whose epoch is lower than the held one's.
        """
        ...

    async def history(self, name: str, limit: int) -> list[Event]:
        """The latest `limit` events of the migration `name`, newest first."""
        ...

    async def workers(self) -> list[WorkerStatus]:
        """Every worker heard of lately, by name."""
        ...

    def news(self) -> News:
        """When workers say something new; to be had before a look, so that none is missed."""
        ...

    async def close(self) -> None:
        """Lets go of everything held; the store is not used afterwards."""
        ...
