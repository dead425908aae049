"""Moments as the ledger keeps them: UTC in ISO 8601 for people, seconds for arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime


def written(at_s: float) -> str:
    """UTC seconds as ISO 8601 with milliseconds and Z."""
    text = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def seconds(at: str) -> float:
    """The UTC seconds that an ISO 8601 text means."""
    return datetime.fromisoformat(at).timestamp()
