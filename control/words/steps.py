"""The words of a ramp: its steps, its criteria, and whom it tells."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from control.words.criteria import Limit, Metric
from proxy.errors import Invalid
from proxy.policy import WHOLE

DEFAULT_ALPHA = 0.05
DEFAULT_MIN_REQUESTS = 300

_Share: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=WHOLE)]


class Gate(StrEnum):
    """What a step waits for besides its hold."""

    APPROVE = "approve"


class Occasion(StrEnum):
    """What somebody can be told of."""

    STEP = "step"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"
    BREACH = "breach"
    APPROVAL = "approval"
    DONE = "done"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One weight and how long it is held, in basis points and seconds.

    A step that soaks is the last one: it ends the migration, with `holdback` of the traffic kept
    on the baseline so that there is something to compare with.
    """

    share: _Share
    hold_s: float = 0.0
    gate: Gate | None = None
    soak: bool = False
    holdback: _Share = 0

    def __post_init__(self) -> None:
        if self.holdback > self.share:
            raise Invalid("a step holds back more than its weight")

    @property
    def in_force(self) -> int:
        """The candidate's share while the step lasts."""
        return self.share - self.holdback


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which notifier of crossfade.yaml is told of what; `every_s` also while the ramp runs."""

    to: str
    on: tuple[Occasion, ...] = tuple(Occasion)
    every_s: float | None = None


class Course(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a ramp goes by. No steps: the weight is set by hand alone.

    `alpha` is the chance of a false alarm that the whole migration may have, shared out over the
    limits; `min_requests` are the candidate's that a step needs before it can pass. `success`
    holds what its owner hopes for, by metric and as written; it decides nothing.
    """

    steps: tuple[Step, ...] = ()
    limits: tuple[Limit, ...] = ()
    alpha: float = DEFAULT_ALPHA
    min_requests: int = DEFAULT_MIN_REQUESTS
    success: dict[Metric, str] = {}
    notify: tuple[Notify, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise Invalid("alpha is between 0 and 1")
        if len({limit.key for limit in self.limits}) != len(self.limits):
            raise Invalid("two limits are the same")
        if any(step.soak for step in self.steps[:-1]):
            raise Invalid("only the last step can soak")
