"""Small deltas, for tests that change only what they are about."""

from __future__ import annotations

from proxy import delta
from proxy.delta import Delta, Window


def flushed(
    seq: int, *windows: Window, worker: str = "one", boot: str = "b", at_ms: int = 0
) -> bytes:
    """A worker's flush as it is pushed."""
    return delta.encode(Delta(worker=worker, boot=boot, seq=seq, at_ms=at_ms, windows=windows))
