"""The words of how far a ramp has come: its step, its hold, its breaches, its evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Stage(StrEnum):
    """How far a breach has come."""

    DWELLING = "dwelling"  # the limit fails, but not for as long as its `for` asks
    OPEN = "open"  # it counts; its deadline runs
    DISMISSED = "dismissed"  # a person said that nothing shall follow, unless it gets worse
    DONE = "done"  # what follows from it was done


class Breach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit that failed, by its key; times are UTC seconds.

    `due_s` is when what its limit says happens by itself, None where there is no deadline.
    `sentence` is what the guard saw when it began. `epochs` are the weight epochs that began when
    it was dismissed, the oldest first: from the last one on its limit is judged anew.
    """

    limit: str
    stage: Stage
    since_s: float
    due_s: float | None = None
    sentence: str = ""
    epochs: tuple[_Count, ...] = ()


class Progress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a migration with weight stands; times are UTC seconds.

    `step` counts from 0; None while the weight is set by hand alone. Its requests count from the
    weight epoch `since` on. Its hold has lasted `held_s` and, where `running_since_s` is one, the
    time since then too. `approved` is of this step. `starts` are the weight epochs from which
    evidence is read, the oldest first; `anchors` the frozen thresholds of limits by key.
    `acted_at_s` is when the guard last moved a weight.
    """

    step: _Count | None = None
    since: _Count = 0
    began_s: float
    held_s: float = 0.0
    running_since_s: float | None = None
    approved: bool = False
    breaches: tuple[Breach, ...] = ()
    starts: tuple[int, ...] = ()
    anchors: dict[str, float] = {}
    acted_at_s: float | None = None

    def held(self, now_s: float) -> float:
        """The seconds for which this step was in force, pauses left out.

        A clock that was set back lengthens a hold; it never takes away what was counted.
        """
        if self.running_since_s is None:
            return self.held_s
        return self.held_s + max(0.0, now_s - self.running_since_s)

    def stopped(self, now_s: float) -> Progress:
        """The same with the hold's clock stopped."""
        return msgspec.structs.replace(self, held_s=self.held(now_s), running_since_s=None)

    def breach(self, limit: str) -> Breach | None:
        """What is known of a limit's breach, by the limit's key."""
        return next((breach for breach in self.breaches if breach.limit == limit), None)

    @property
    def dismissed(self) -> dict[str, tuple[int, ...]]:
        """The weight epochs at which limits were dismissed in this step, by the limit's key."""
        return {breach.limit: breach.epochs for breach in self.breaches if breach.epochs}

    @property
    def open_breaches(self) -> tuple[Breach, ...]:
        """Those whose deadline runs: each freezes the ramp."""
        return tuple(breach for breach in self.breaches if breach.stage is Stage.OPEN)
