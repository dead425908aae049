"""Messages for the tests of this package."""

from __future__ import annotations

import msgspec

from control.desk.outlook import Weights
from control.notify.message import Message, Topic

ROLLED_BACK = Message(
    id="support-triage/7/rolled_back",
    topic=Topic.ROLLED_BACK,
    environment="production",
    migration="support-triage",
    phase="Degraded",
    weights=Weights(baseline=100, candidate=0),
    version=7,
    actor="guard",
    at="2026-11-23T02:00:00.000Z",
    page=True,
    text="Rolled back: errors 5.1 % against 1.0 %.",
)


def message(number: int) -> Message:
    """One of many, told apart by its id."""
    return msgspec.structs.replace(ROLLED_BACK, id=f"support-triage/{number}/rolled_back")
