"""Which workers live and tell nothing of what they serve: the rest must not speak for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from control.store import WorkerStatus

BEATING_S = 10.0  # a worker says every second that it lives, and flushes every five at least


class Silence:
    """When each worker that lives was last heard to measure; times are UTC seconds."""

    def __init__(self) -> None:
        self._heard_at_s: dict[str, float] = {}
        self._flushed: set[str] = set()

    def flushed(self, worker: str) -> None:
        """A new flush of that worker was read."""
        self._flushed.add(worker)

    def look(self, workers: Sequence[WorkerStatus], now_s: float) -> Mapping[str, float]:
        """Since when nothing new came of each worker that lives now.

        Of one that was not known to live before, and never flushed since, since now: a new worker
        and a new follower have time to begin.
        """
        lives = {one.worker for one in workers if one.live and one.age_s <= BEATING_S}
        known, flushed = self._heard_at_s, self._flushed
        self._heard_at_s = {
            worker: now_s if worker in flushed else known.get(worker, now_s) for worker in lives
        }
        self._flushed = set()
        return self._heard_at_s
