"""The worker's own breaker: failures in a row on a candidate, and it gets nothing more from here.

It needs no store and no controller. It stays open until a later weight epoch arrives, which is how
the controller, or an operator, says that they have decided.
"""

from __future__ import annotations

import logging

from proxy.errors import Blame
from proxy.exchange import Exchange, Role
from proxy.policy import ArmName, Route, Snapshot

FAILURES = 5

log = logging.getLogger(__name__)


class Breaker:
    """One worker's view of its candidates, by migration.

    `trips` counts how often each migration's breaker has opened since the process began. Epochs
    are those of `Split.since`: what was routed under an earlier one says nothing of a later one.
    """

    __slots__ = ("_document_epoch", "_most", "_open", "_runs", "trips")

    def __init__(self, most: int = FAILURES) -> None:
        self.trips: dict[str, int] = {}
        self._most = most
        self._runs: dict[str, tuple[int, int]] = {}  # the weight epoch, and failures in a row
        self._open: dict[str, int] = {}  # the weight epoch it opened in
        self._document_epoch = 0

    def open(self, route: Route) -> bool:
        """Whether the candidate of `route` is to be spared. 0.05 µs while none is open."""
        if not self._open:
            return False
        return self._open.get(route.name, -1) >= route.split.since

    def saw(self, exchange: Exchange) -> None:
        """Learn from an exchange that is over; only candidates' that count say something.

        A failure that is the client's or crossfade's own neither adds to a row nor ends it.
        """
        if exchange.arm is not ArmName.CANDIDATE or not exchange.counts:
            return
        if exchange.role is not Role.PRIMARY:
            return
        if exchange.blame is None:
            self.succeeded(exchange.migration, exchange.epoch)
        elif exchange.blame is Blame.UPSTREAM:
            self.failed(exchange.migration, exchange.epoch)

    def failed(self, name: str, epoch: int) -> None:
        """The candidate failed, and it was the upstream's fault."""
        since, failures = self._runs.get(name, (epoch, 0))
        if epoch < since or self._open.get(name, -1) >= epoch:
            return
        failures = failures + 1 if epoch == since else 1
        self._runs[name] = (epoch, failures)
        if failures >= self._most:
            self._trip(name, epoch)

    def succeeded(self, name: str, epoch: int) -> None:
        """The candidate answered well: a row of failures ends. What is open stays open."""
        if self._runs and self._runs.get(name, (epoch + 1, 0))[0] <= epoch:
            del self._runs[name]

    def follow(self, snapshot: Snapshot) -> None:
        """A snapshot serves from now on: what it decided anew, or no longer has, is closed."""
        if snapshot.epoch != self._document_epoch:  # versions may have begun anew
            self._document_epoch = snapshot.epoch
            self._runs, self._open = {}, {}
            return
        since = {route.name: route.split.since for route in snapshot.routes}
        self._runs = {name: run for name, run in self._runs.items() if name in since}
        for name, epoch in tuple(self._open.items()):
            if since.get(name, epoch + 1) > epoch:
                del self._open[name]
                log.info("breaker_closed migration=%s", name)

    def opened(self) -> tuple[str, ...]:
        """The migrations whose candidates get nothing more from this worker."""
        return tuple(self._open)

    def _trip(self, name: str, epoch: int) -> None:
        self._open[name] = epoch
        self.trips[name] = self.trips.get(name, 0) + 1
        log.warning(
            "breaker_opened migration=%s epoch=%d failures_in_a_row=%d", name, epoch, self._most
        )
