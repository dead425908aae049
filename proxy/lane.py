"""A lane: one arm of one route on this host, with what is the same for all of its requests."""

from __future__ import annotations

from typing import Final
from zlib import crc32

from proxy.destination import Destination
from proxy.exchange_id import mark, seed
from proxy.policy import Arm, ArmName, Route


class Seal:
    """Makes exchanges' ids of one migration, arm and weight epoch, as `exchange_id.sealed` does."""

    __slots__ = ("_mark", "_seed")

    def __init__(self, migration: str, arm: ArmName | None, epoch: int) -> None:
        self._mark = mark(arm, epoch)
        self._seed = seed(migration)

    def id(self, unique: bytes) -> bytes:
        """The id around 20 unique hex digits."""
        said = unique + self._mark
        return b"%b%04x" % (said, crc32(said, self._seed) & 0xFFFF)


class Lane:
    """Built with a snapshot, never changed. `foreign`: its upstream is not the baseline's, so the
    callers' own credentials are not for it."""

    __slots__ = ("arm", "destination", "epoch", "foreign", "name", "route", "seal")

    def __init__(self, route: Route, name: ArmName, destination: Destination) -> None:
        self.route: Final = route
        self.name: Final = name
        self.arm: Final[Arm] = route.arm(name)
        self.destination: Final = destination
        self.epoch: Final = route.split.since
        self.foreign: Final = self.arm.upstream != route.baseline.upstream
        self.seal: Final = Seal(route.name, name, self.epoch)
