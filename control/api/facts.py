"""What the admin API tells of the process around it; the composition root knows, the API asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from control.desk.drill import Drilled
from control.desk.scoring import Scored
from control.measures.scores import Score
from control.notify.message import Delivery


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether traffic is served, and how far what serves it can be trusted.

    `snapshot_age_s` counts from when the store last confirmed the snapshot. A degraded process is
    ready: it serves the last good snapshot.
    """

    snapshot_version: int | None
    snapshot_age_s: float | None
    degraded: bool = False
    reasons: tuple[str, ...] = ()
    draining: bool = False

    @property
    def ready(self) -> bool:
        return self.snapshot_version is not None and not self.draining


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where the API's answers about the process come from.

    `exposition` gives Prometheus' text, of the type `exposition_type`. `test_notifier` sends a test
    message to a notifier in somebody's name; None where there is no such notifier. `score` takes
    scores of a migration's answers. `drill` practises a migration's rollback once: in whose name,
    at which share if not at the one in force, and held for how many seconds before.
    """

    environment: str
    readiness: Callable[[], Readiness]
    exposition: Callable[[], bytes]
    exposition_type: str
    test_notifier: Callable[[str, str], Awaitable[Delivery | None]]
    score: Callable[[str, Sequence[Score]], Awaitable[Scored]]
    drill: Callable[[str, str, int | None, float], Awaitable[Drilled]]
