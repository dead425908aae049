"""The words of a migration's state, as the control plane keeps it beside the routes."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from control.migration.progress import Progress
from control.words.steps import Course, Step
from proxy.errors import Invalid
from proxy.policy import Route

SCHEMA = 1


class Phase(StrEnum):
    """Where a migration stands; the closed list that the interface publishes."""

    PENDING = "Pending"
    BASELINING = "Baselining"
    SHADOWING = "Shadowing"
    PROGRESSING = "Progressing"
    PAUSED = "Paused"
    SOAKING = "Soaking"
    HEALTHY = "Healthy"
    ROLLING_BACK = "RollingBack"
    DEGRADED = "Degraded"


class Verb(StrEnum):
    """What an operator did, or the ramp and the guard by themselves."""

    APPLY = "apply"
    SET_WEIGHT = "set-weight"
    START = "start"
    PAUSE = "pause"  # also the ramp's, for want of data or an approval
    RESUME = "resume"  # also the ramp's, when the data is back
    APPROVE = "approve"
    REJECT = "reject"
    DISMISS = "dismiss"
    PROMOTE = "promote"
    ROLLBACK = "rollback"  # also the guard's
    RETRY = "retry"
    STEP = "step"  # the ramp's: the next step, or the end
    STEP_BACK = "step-back"  # the guard's
    HOLD = "hold"  # the guard's: the ramp stops, the weight stays
    NOTICE = "notice"  # the guard's: something is noted, nothing moves
    ANCHOR = "anchor"  # the guard's: thresholds are frozen


class Cause(StrEnum):
    """Why a migration is in its phase."""

    REGISTERED = "Registered"
    WEIGHT_SET = "WeightSet"
    STARTED = "Started"
    STEPPED = "Stepped"
    PROMOTED = "Promoted"
    APPROVED = "Approved"
    RESUMED = "Resumed"
    DISMISSED = "Dismissed"
    COMPLETED = "Completed"
    MANUAL_PAUSE = "ManualPause"
    AWAITING_APPROVAL = "AwaitingApproval"
    REJECTED = "Rejected"
    BREACH = "Breach"
    STEPPED_BACK = "SteppedBack"
    STALE_METRICS = "StaleMetrics"
    NO_TRAFFIC = "NoTraffic"
    SPLIT_SUSPECT = "SplitSuspect"
    ROLLED_BACK = "RolledBack"
    DRILLED = "Drilled"  # rolled back to practise it: a real rollback wins over it
    RETRIED = "Retried"


class Stamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who did something, to which version it led, when (UTC, ISO 8601), and in what words."""

    version: int
    actor: str
    at: str
    note: str | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The migration file as it was applied, with the prompt files that it names."""

    text: str
    files: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A migration's state besides its route; `latched` holds the weight at 0 until a retry.

    `since` tells how it came into its phase; `changed_version` counts every change, an apply too.
    `course` is what its file asks of the ramp; `progress` is None until it has weight.
    """

    phase: Phase
    cause: Cause
    since: Stamp
    latched: bool = False
    created_version: int
    changed_version: int
    owner: str
    source: Source
    course: Course = Course()
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.latched != (self.phase is Phase.DEGRADED):
            raise Invalid("a migration is latched exactly when it is Degraded")
        if (index := self.step_index) is not None and index >= len(self.course.steps):
            raise Invalid("a migration is at a step that it does not have")

    @property
    def step_index(self) -> int | None:
        """Which step the ramp is at, from 0; None where it has not begun."""
        return None if self.progress is None else self.progress.step

    @property
    def step(self) -> Step | None:
        """The step that the ramp is at; None where it has not begun."""
        return None if self.step_index is None else self.course.steps[self.step_index]

    @property
    def place(self) -> str | None:
        """The step as people count them, `2/4`; None where the ramp has not begun."""
        index = self.step_index
        return None if index is None else f"{index + 1}/{len(self.course.steps)}"

    @property
    def reason(self) -> str:
        """The cause, followed by the operator's own words where there are any."""
        if self.since.note is None:
            return self.cause.value
        return f"{self.cause.value}: {self.since.note}"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of one migration: what the control plane keeps and what traffic obeys."""

    entry: Entry
    route: Route

    def __post_init__(self) -> None:
        if self.entry.latched and self.route.split.share:
            raise Invalid("a latched migration has weight 0")

    @property
    def starts(self) -> tuple[int, ...]:
        """The weight epochs from which evidence is read; after a retry it is of no earlier one."""
        progress = self.entry.progress
        return (self.route.split.since,) if progress is None else progress.starts

    @property
    def step_since(self) -> int:
        """The weight epoch from which the requests of the step count, or of a weight by hand."""
        progress = self.entry.progress
        if progress is None or progress.step is None:
            return self.route.split.since
        return progress.since


class Ledger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every migration's entry by name."""

    schema: int = SCHEMA
    entries: dict[str, Entry] = {}


def encode(ledger: Ledger) -> bytes:
    """The bytes that a document carries for the control plane."""
    return msgspec.json.encode(ledger, order="deterministic")


def decode(data: bytes) -> Ledger:
    """The ledger in a document; no bytes are an empty one. Refuses an unknown schema."""
    if not data:
        return Ledger()
    try:
        ledger = msgspec.json.decode(data, type=Ledger)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"the ledger cannot be read: {error}") from error
    if ledger.schema != SCHEMA:
        raise Invalid(f"the ledger has schema {ledger.schema}; this release reads {SCHEMA}")
    return ledger
