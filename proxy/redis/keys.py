"""The names of what crossfade keeps in a Redis; `{cf}` keeps them together in a cluster."""

from __future__ import annotations

PREFIX = "crossfade:{cf}:"

SNAPSHOT = f"{PREFIX}snapshot"  # a string: the document
CHANGED = f"{PREFIX}changed"  # a channel: a document was committed (a head and it, or its version)
WORKERS = f"{PREFIX}workers"  # a hash: worker -> "MS VERSION NOTES", MS when it said so
ACKNOWLEDGED = f"{PREFIX}acknowledged"  # a channel: a worker serves another version, or left
DELTAS = f"{PREFIX}measure:deltas"  # a stream: what workers flushed, under `delta`
ROLLUP = f"{PREFIX}measure:rollup"  # a hash: what replaces the deltas `up_to` a place, in `state`
LEAD = f"{PREFIX}lead"  # a string: who leads, for as long as it lives

HEAD = 160  # bytes of a document: schema, epoch, version and checksum, which name it
MOST_HINTED = 65_536  # bytes: a larger document is not sent round, its version is
LIVE_MS = 5_000  # a worker that is silent for longer is not waited for
FORGET_MS = 3_600_000


def history(migration: str) -> str:
    """A list: the events of a migration, in their order."""
    return f"{PREFIX}history:{migration}"


def scores(migration: str) -> str:
    """A list: the batches of scores of a migration, in their order."""
    return f"{PREFIX}scores:{migration}"


def flushed(worker: str, boot: str) -> str:
    """A string: the number of the last flush that a worker's process handed over."""
    return f"{PREFIX}measure:flushed:{worker}:{boot}"
