"""The data plane's own view of a store: load the document, hear of changes, acknowledge."""

from __future__ import annotations

from typing import Protocol


class SourceUnavailable(Exception):
    """The store cannot be read or written now; the text says why. Never said of an empty one."""


class Source(Protocol):
    """Where snapshots come from. Truth is what `load` returns; everything else is a hint."""

    async def load(self, known: bytes | None = None, /) -> bytes | None:
        """The encoded document; None only when the store answers that nothing was ever committed.

        `known` is a sound one: where the store holds it still, that may be told by its head alone.

        Raises SourceUnavailable when the store cannot be read: unreadable is not empty.
        """
        ...

    async def changed(self, timeout_s: float) -> bytes | None:
        """Returns at a hint, else after `timeout_s` give or take a fifth (workers spread out).

        Gives the document that the hint carried, if it did: nobody has checked it, and the store
        may hold another. It never raises SourceUnavailable: without hints it only waits.
        """
        ...

    async def acknowledge(self, worker: str, version: int, notes: tuple[str, ...] = ()) -> None:
        """Tells the store that `worker` serves `version`; called at every poll, so a heartbeat too.

        `notes` are what else it says of itself: `latched NAME`, `breaker NAME`; few and short.

        Raises SourceUnavailable when the store cannot be written.
        """
        ...

    async def close(self) -> None:
        """Takes back what was acknowledged last, so that nobody waits for that worker, and ends.

        The source is not used afterwards.
        """
        ...


class Sink(Protocol):
    """Where a worker's measurements go."""

    async def push(self, delta: bytes) -> None:
        """Hands over one flush (`proxy.delta`); the same one twice counts once.

        Raises SourceUnavailable when it cannot be taken.
        """
        ...
