"""Small deltas, for tests that change only what they are about."""

from __future__ import annotations

from collections.abc import Iterable

from proxy import delta
from proxy.delta import Delta, Window


def counted(deltas: Iterable[bytes]) -> int:
    """How many exchanges these flushes tell of."""
    windows = [window for data in deltas for window in delta.decode(data).windows]
    return sum(sum(window.outcomes.values()) for window in windows)


def flushed(
    seq: int, *windows: Window, worker: str = "one", boot: str = "b", at_ms: int = 0
) -> bytes:
    """A worker's flush as it is pushed."""
    return delta.encode(Delta(worker=worker, boot=boot, seq=seq, at_ms=at_ms, windows=windows))
