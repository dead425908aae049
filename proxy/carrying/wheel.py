"""Deadlines without a timer each: one coarse wheel for all connections of a worker."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Final

GRAIN_US: Final = 100_000  # how late a deadline may be noticed, in microseconds
NEVER: Final = 2**62  # microseconds; no deadline

log = logging.getLogger(__name__)


class Timed(ABC):
    """Something with one deadline. It may move `deadline` later by itself; earlier by the wheel."""

    __slots__ = ("deadline", "slot")

    def __init__(self) -> None:
        self.deadline = NEVER  # microseconds on the worker's clock
        self.slot = NEVER  # the wheel's own note of where it stands; NEVER when it stands nowhere

    @abstractmethod
    def expire(self) -> None:
        """Called once the deadline has passed; must move the deadline on, or leave the wheel."""


class Wheel:
    """Slots of `GRAIN_US`; an object stands in one slot at the most."""

    def __init__(self, now: int) -> None:
        self._slots: dict[int, set[Timed]] = {}
        self._next = now // GRAIN_US

    def set(self, timed: Timed, deadline: int) -> None:
        """Give `timed` a deadline, in microseconds; NEVER is none."""
        later = deadline >= timed.deadline
        timed.deadline = deadline
        if later:
            return  # it stands early enough: each event moves its stream's deadline on
        slot = deadline // GRAIN_US + 1
        if slot < timed.slot and deadline != NEVER:
            self._leave(timed)
            self._enter(timed, slot)

    def remove(self, timed: Timed) -> None:
        """Forget `timed`."""
        timed.deadline = NEVER
        self._leave(timed)

    def turn(self, now: int) -> None:
        """Expire everything whose deadline has passed."""
        due = range(self._next, now // GRAIN_US + 1)
        self._next = due.stop  # what expiring sets anew stands in a slot that is still to come
        for slot in due:
            standing = self._slots.get(slot)
            while standing:  # expiring one may remove another
                timed = standing.pop()
                timed.slot = NEVER
                if timed.deadline <= now:
                    self._expire(timed)
                if timed.deadline != NEVER and timed.slot == NEVER:
                    self._enter(timed, timed.deadline // GRAIN_US + 1)
            self._slots.pop(slot, None)

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def _expire(self, timed: Timed) -> None:
        try:
            timed.expire()
        except Exception:
            # One connection's fault must not take the others' deadlines with it.
            log.exception("deadline_failed")
            self.remove(timed)

    def _enter(self, timed: Timed, slot: int) -> None:
        timed.slot = max(slot, self._next)
        self._slots.setdefault(timed.slot, set()).add(timed)

    def _leave(self, timed: Timed) -> None:
        if timed.slot != NEVER:
            slot = self._slots[timed.slot]
            slot.discard(timed)
            if not slot:  # or thousands of emptied sets would wait for their far-off moment
                del self._slots[timed.slot]
            timed.slot = NEVER
