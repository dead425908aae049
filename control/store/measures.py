"""What a store keeps of the measurements, the lead and the scores, besides the document."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Batch(NamedTuple):
    """What came after a place: `rollup` is None unless the reader has to begin anew from it.

    `rollup` is what `roll_up` was last given (its bytes are control.measures.fold's own); `deltas`
    are as workers pushed them, in the store's order, none twice. `place` is where to go on.
    """

    rollup: bytes | None
    deltas: tuple[bytes, ...]
    place: str


class Measures(Protocol):
    """All of them raise StoreUnavailable when the store cannot be reached."""

    async def measured(self, place: str) -> Batch:
        """What was pushed after `place`; "" is the beginning, and gives the roll-up first."""
        ...

    async def roll_up(self, rollup: bytes, *, up_to: str, expected: str) -> bool:
        """Replaces the roll-up and drops every delta up to the place `up_to`, both or neither.

        `expected` is the place up to which the roll-up so far went ("" for none). False where
        somebody else rolled up in between: then nothing has changed.
        """
        ...

    async def scored(self, migration: str, scores: bytes) -> None:
        """Appends a batch of scores of a migration (its bytes are control.measures.scores' own)."""
        ...

    async def scores(self, migration: str, after: int) -> tuple[bytes, ...]:
        """The batches of scores from the one numbered `after` (from 0) on; 100,000 at most."""
        ...

    async def lead(self, who: str, ttl_s: float) -> bool:
        """Takes or keeps the lead for `ttl_s` seconds; False while another one has it.

        A lease is for liveness alone: what keeps a former leader from doing harm is the version
        that every commit names.
        """
        ...

    async def resign(self, who: str) -> None:
        """Gives the lead back, if `who` has it."""
        ...
