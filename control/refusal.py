"""Every way in which the desk says no: a code out of a closed list, and a sentence."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why a verb was refused."""

    UNKNOWN_MIGRATION = "unknown_migration"
    UNKNOWN_LIMIT = "unknown_limit"
    NAME_MISMATCH = "name_mismatch"
    INVALID_MIGRATION = "invalid_migration"
    INVALID_PERCENT = "invalid_percent"
    INVALID_SCORES = "invalid_scores"
    AMBIGUOUS_MATCH = "ambiguous_match"
    WEIGHT_NOT_ZERO = "weight_not_zero"
    LATCHED = "latched"
    NO_STEPS = "no_steps"
    NOT_RUNNING = "not_running"
    RAMP_UNDERWAY = "ramp_underway"
    STEPS_BEGUN = "steps_begun"
    COMPLETED = "completed"
    AWAITING_APPROVAL = "awaiting_approval"
    NOT_WAITING = "not_waiting"
    BREACH_OPEN = "breach_open"
    NO_OPEN_BREACH = "no_open_breach"
    REASON_NEEDED = "reason_needed"
    VERSION_CONFLICT = "version_conflict"
    INVALID_DOCUMENT = "invalid_document"
    STORE_UNAVAILABLE = "store_unavailable"
    STORE_UNREADABLE = "store_unreadable"
    LATCHED_HERE = "latched_here"
    BUSY = "busy"


class DeskError(Exception):
    """A verb was refused.

    `current` is the version that last changed the migration, where a stale one was expected;
    `problems` are a rejected file's, a line each.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        current: int | None = None,
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.current = current
        self.problems = problems
