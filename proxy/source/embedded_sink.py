"""Where a worker's measurements go beside the embedded store: a file of their own.

It is not the document's file, so that a rollback never waits for measurements, nor can they fill or
break it. control/store/measures_file.py makes it, and reads it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from proxy import delta
from proxy.errors import Invalid
from proxy.source import SourceUnavailable
from proxy.source.thread import OwnThread

MEASURES = "measures.db"
LAYOUT = 1
BUSY_S = 0.25
PATIENCE_S = 2.0
MOST_DELTAS = 20_000  # where nobody rolls up: five hours of one worker


class EmbeddedSink:
    """Appends each flush, in a thread of its own."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir.absolute() / MEASURES
        self._thread = OwnThread("sink", patience_s=PATIENCE_S)

    async def push(self, delta: bytes) -> None:
        """Raises SourceUnavailable also for what is no delta."""
        try:
            await self._thread.run(partial(_append, self._path, delta))
        except TimeoutError as error:
            raise SourceUnavailable(f"{MEASURES} does not answer") from error

    def close(self) -> None:
        """The sink is not used afterwards."""
        self._thread.close()


def _append(path: Path, data: bytes) -> None:
    try:
        name = delta.named(data)
        if not path.is_file():
            raise SourceUnavailable(f"{MEASURES} is missing or no file")
        uri = f"{path.as_uri()}?mode=rw"
        connecting = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        with closing(connecting) as database:
            database.execute("PRAGMA synchronous = NORMAL")
            if database.execute("PRAGMA user_version").fetchone() != (LAYOUT,):
                raise SourceUnavailable(f"{MEASURES} is damaged, or of another crossfade")
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "INSERT OR IGNORE INTO deltas (worker, boot, seq, delta) VALUES (?, ?, ?, ?)",
                (name.worker, name.boot, name.seq, data),
            )
            database.execute(
                "DELETE FROM deltas WHERE place <= (SELECT MAX(place) FROM deltas) - ?",
                (MOST_DELTAS,),
            )
            database.execute("COMMIT")
    except (sqlite3.Error, OSError, Invalid) as error:
        raise SourceUnavailable(f"{MEASURES} cannot be used: {error}") from error
