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


def lasting(span_s: float) -> str:
    """A span as people write it, in its two largest units: `45s`, `5m`, `1h30m`, `7d`."""
    left, parts = round(span_s), []
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2]) or "0s"
