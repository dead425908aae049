"""A lane: one arm of one route on this host, with what is the same for all of its requests."""

from __future__ import annotations

from typing import Final, TypeAlias
from zlib import crc32

from proxy.exchange_id import PAIRS, mark, seed
from proxy.policy import Arm, ArmName, Route
from proxy.routing.destination import Destination
from proxy.routing.draw import Lot

PoolKey: TypeAlias = tuple[str, ArmName | None, str]  # migration, arm, upstream

_BASELINE: Final = ArmName.BASELINE


class Seal:
    """Makes exchanges' ids of one migration, arm and weight epoch, as `exchange_id.sealed` does."""

    __slots__ = ("_mark", "_seed")

    def __init__(self, migration: str, arm: ArmName | None, epoch: int) -> None:
        self._mark = mark(arm, epoch)
        self._seed = seed(migration)

    def id(self, unique: bytes) -> bytes:
        """The id around 20 unique hex digits."""
        said = unique + self._mark
        check = crc32(said, self._seed)
        return said + PAIRS[check >> 8 & 0xFF] + PAIRS[check & 0xFF]


class Lane:
    """Built with a snapshot, never changed. `foreign`: its upstream is not the baseline's, so the
    callers' own credentials are not for it. `edits` says that there are some."""

    __slots__ = (
        "arm",
        "destination",
        "edits",
        "epoch",
        "foreign",
        "migration",
        "model",
        "name",
        "pool_key",
        "route",
        "seal",
    )

    def __init__(self, route: Route, name: ArmName, destination: Destination) -> None:
        self.route: Final = route
        self.migration: Final = route.name
        self.name: Final = name
        self.arm: Final[Arm] = route.arm(name)
        self.model: Final = self.arm.model
        self.edits: Final = bool(self.arm.edits)
        self.destination: Final = destination
        self.pool_key: Final[PoolKey] = (route.name, name, destination.name)
        self.epoch: Final = route.split.since
        self.foreign: Final = self.arm.upstream != route.baseline.upstream
        self.seal: Final = Seal(route.name, name, self.epoch)


class Way:
    """A route made ready: its draws, and the lanes that they lead to.

    There is no lane to a candidate that no request may get.
    """

    __slots__ = ("_candidate", "allow_force", "baseline", "lot", "route")

    def __init__(self, route: Route, lot: Lot, baseline: Lane, candidate: Lane | None) -> None:
        self.route: Final = route
        self.allow_force: Final = route.allow_force
        self.lot: Final = lot
        self.baseline: Final = baseline
        self._candidate: Final = candidate

    def lane(self, name: ArmName) -> Lane:
        """The lane of an arm."""
        if name is _BASELINE:
            return self.baseline
        assert self._candidate is not None, "the candidate is out of use"
        return self._candidate
