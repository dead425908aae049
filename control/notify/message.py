"""One message about one migration, before it has the form that its destination understands."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from control.desk.outlook import Weights


class Topic(StrEnum):
    """What a message is about: the occasions of a migration file, and two more."""

    STEP = "step"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"
    BREACH = "breach"
    APPROVAL = "approval"
    DONE = "done"
    UPDATE = "update"  # every so often while a ramp runs
    TEST = "test"  # `crossfade notify test`


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is told; a webhook gets all of it as JSON.

    `id` is the same when a message is sent again, by a second leader too, so that a receiver can
    tell. `text` is a sentence or a few, for people; `page` asks to wake somebody. `at` is UTC.
    """

    id: str
    topic: Topic
    environment: str
    migration: str | None = None
    phase: str | None = None
    weights: Weights | None = None
    version: int | None = None
    actor: str | None = None
    at: str
    page: bool = False
    text: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a message that was sent once, to be tested; `why` it did not arrive."""

    notifier: str
    delivered: bool
    why: str | None = None
    took_ms: float
