"""Which release of crossfade this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release(distribution: str = "crossfade") -> str:
    """The installed version; "unknown" in a checkout that was never installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
