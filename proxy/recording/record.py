"""What happened, added up: exchanges to tallies, per migration and arm; and what is no exchange."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from proxy.errors import PUBLISHED, Refused
from proxy.exchange import Role
from proxy.numbers.keysample import KeySample
from proxy.policy import ArmName, Dialect
from proxy.recording.tally import Sums, Tally

__all__ = ["OTHER", "Recorder", "Sums", "Tally"]

OTHER = "other"  # a code out of no table; so that a label's values stay a closed set
MOST_EPOCHS = 8  # of one kind of exchanges; older ones are told apart no longer
MOST_SAMPLED = 2  # of them, whose keys are still collected: a sample takes up to 0.4 MB

log = logging.getLogger(__name__)


class Recorder:
    """One process's counts since its start.

    Nothing that a caller sends becomes a key: migrations come from snapshots, and everything else
    from closed sets.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, ArmName | None, Dialect, Role, int], Tally] = {}
        codes = [*(failure.code for failure in PUBLISHED), OTHER]
        self.refusals = dict.fromkeys(codes, 0)
        self.troubles = dict.fromkeys(codes, 0)
        self.kept_requests: dict[str, int] = {}
        self.spared_requests: dict[str, int] = {}
        self.unread_bodies = 0
        self.dropped_flushes = 0

    def tally(
        self,
        migration: str,
        arm: ArmName | None,
        dialect: Dialect,
        role: Role = Role.PRIMARY,
        epoch: int = 0,
    ) -> Tally:
        """Where exchanges of this kind are counted: ask again for each exchange."""
        key = (migration, arm, dialect, role, epoch)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally(migration, arm, dialect, role, epoch)
        return tally

    def tallies(self) -> Sequence[Tally]:
        """All of them, in the order of their first exchange."""
        return tuple(self._tallies.values())

    def arm(self, migration: str, arm: ArmName) -> Sequence[Tally]:
        """What counts for or against one arm: its primary exchanges, neither mirrors nor help."""
        return tuple(
            tally
            for tally in self._tallies.values()
            if (tally.migration, tally.arm, tally.role) == (migration, arm, Role.PRIMARY)
        )

    def retire(self) -> Sequence[tuple[Tally, Tally]]:
        """Sum up all but the newest weight epochs of each kind, in the tally of epoch 0.

        Gives those that are no longer kept, each with the one that its figures went to. Keys of
        all but the newest two were told, and make room.
        """
        epochs: dict[tuple[str, ArmName | None, Dialect, Role], list[Tally]] = {}
        for tally in self._tallies.values():
            if tally.epoch:
                kind = (tally.migration, tally.arm, tally.dialect, tally.role)
                epochs.setdefault(kind, []).append(tally)
        retired: list[tuple[Tally, Tally]] = []
        for kind, alike in epochs.items():
            alike.sort(key=lambda tally: tally.epoch)
            for past in alike[:-MOST_SAMPLED]:
                if past.keys.points:
                    past.keys = KeySample()
            for old in alike[:-MOST_EPOCHS]:
                rest = self.tally(*kind)
                del self._tallies[*kind, old.epoch]
                old.retire_into(rest)
                retired.append((old, rest))
        return retired

    def refused(self, code: str) -> None:
        """A request was refused before it became an exchange."""
        self.refusals[code if code in self.refusals else OTHER] += 1

    def kept(self, migration: str) -> None:
        """A request names stored state of the baseline, and so stayed there."""
        self.kept_requests[migration] = self.kept_requests.get(migration, 0) + 1

    def spared(self, migration: str) -> None:
        """A request was drawn for a candidate that this worker's breaker spares."""
        self.spared_requests[migration] = self.spared_requests.get(migration, 0) + 1

    def unread(self) -> None:
        """A body that routing would have read was too large or encoded, and passed unmatched."""
        self.unread_bodies += 1

    def dropped(self) -> None:
        """A flush of measurements was given up, since a store took none for too long."""
        self.dropped_flushes += 1

    def trouble(self, refused: Refused) -> None:
        """An upstream could not be connected to.

        The log has the first of a code, the second, the fourth and so on: an outage of a thousand
        requests a second is worth twenty lines.
        """
        code = refused.failure.code if refused.failure.code in self.troubles else OTHER
        self.troubles[code] = times = self.troubles[code] + 1
        if times & (times - 1) == 0:
            log.warning("upstream_trouble code=%s times=%d detail=%r", code, times, refused.detail)
