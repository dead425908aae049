"""Replaces flushes that everybody has read by the state that they folded to."""

from __future__ import annotations

from dataclasses import dataclass

from control.measures.fold import Fold
from control.store.measures import Measures

EVERY_S = 240.0  # so flushes stand in the store for four to eight minutes; it keeps ten


@dataclass(slots=True)
class RollUp:
    """Takes a fold's state now and then, and writes it when readers are long past its place.

    `held` is the place up to which the store's roll-up goes, "" where there is none.
    """

    measures: Measures
    held: str = ""
    _state: bytes | None = None
    _place: str = ""
    _taken_s: float | None = None

    async def turn(self, fold: Fold, now_s: float) -> bool:
        """One look, at a monotonic `now_s`.

        False where somebody else has rolled up: then what the store holds must be read anew.
        """
        if self._taken_s is None:
            self._taken_s = now_s  # nothing is old yet
        if now_s - self._taken_s < EVERY_S:
            return True
        state, place = self._state, self._place
        if state is not None and not await self._write(state, place):
            return False
        self._state, self._place, self._taken_s = None, "", now_s
        if fold.place != self.held:
            self._state, self._place = fold.encode(), fold.place
        return True

    def forget(self) -> None:
        """Drops what was taken; for who does not lead any more."""
        self._state, self._taken_s = None, None

    async def _write(self, state: bytes, place: str) -> bool:
        if await self.measures.roll_up(state, up_to=place, expected=self.held):
            self.held = place
            return True
        self.forget()
        return False
