"""What all workers measured, folded into evidence: each flush once, in whatever order it comes.

A fold's encoded state, the roll-up, stands for every flush that went into it. So a fold that goes
on from a roll-up knows what one that read every flush knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from control.measures.cells import Cells, ToldCell, ToldSample
from control.measures.sums import Times, times
from control.measures.totals import ToldTotal, Total
from control.words.evidence import QUARTER_S, Evidence
from proxy.delta import Delta, Window
from proxy.errors import Invalid
from proxy.exchange import Role
from proxy.numbers.arm_figures import Figures
from proxy.numbers.keysample import WHOLE_SPACE, points_in
from proxy.policy import ArmName

SCHEMA = 1
MOST_BOOTS = 10_000  # workers' starts whose flushes are told apart from replayed ones
MOST_OUT_OF_ORDER = 1_000  # flushes of one start that may overtake an earlier one


class _ToldMigration(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    cells: list[ToldCell]
    samples: list[ToldSample]
    totals: dict[ArmName, ToldTotal]


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A roll-up. `boots` has the workers' starts, each with the flushes that were counted."""

    schema: int
    place: str
    fresh_at_ms: int | None
    boots: list[tuple[str, str, int, list[int]]]
    migrations: dict[str, _ToldMigration]


@dataclass(slots=True)
class _Boot:
    """Which flushes of one start of a worker were counted: up to a number, and some over it."""

    up_to: int = 0
    over: set[int] = field(default_factory=set)

    def first_time(self, seq: int) -> bool:
        if seq <= self.up_to or seq in self.over:
            return False
        self.over.add(seq)
        if len(self.over) > MOST_OUT_OF_ORDER:  # what is missing still was given up by the worker
            self.up_to = min(self.over) - 1
        while self.up_to + 1 in self.over:
            self.up_to += 1
            self.over.remove(self.up_to)
        return True


class _Migration:
    """What is known of one migration."""

    __slots__ = ("cells", "totals")

    def __init__(self) -> None:
        self.cells = Cells()
        self.totals = {arm: Total() for arm in ArmName}


class Fold:
    """Adds flushes up. What it gives out, later flushes leave alone.

    `place` is how far in the store's order its reader has come.
    """

    def __init__(self) -> None:
        self.place = ""
        self.fresh_at_ms: int | None = None
        self._boots: dict[tuple[str, str], _Boot] = {}
        self._migrations: dict[str, _Migration] = {}

    def add(self, delta: Delta, now_ms: int) -> bool:
        """Adds a flush; False, and nothing, for one that was added before.

        A worker's clock that is ahead of `now_ms` is not believed. Raises Invalid, and adds
        nothing, where a part cannot be read.
        """
        read = [(window, times(window), points_in(window.keys)) for window in delta.windows]
        if not self._first_time(delta):
            return False
        at_ms = min(delta.at_ms, now_ms)
        self.fresh_at_ms = max(at_ms, self.fresh_at_ms or 0)
        for window, decoded, points in read:
            if window.arm is not None and window.role is Role.PRIMARY:
                self._add(window, decoded, points, at_ms // (QUARTER_S * 1_000))
        return True

    def share(self, migration: str, epoch: int, share: int) -> None:
        """A weight epoch's share was that many basis points."""
        known = self._migrations.get(migration)
        if known is not None:
            known.cells.share(epoch, share)

    def evidence(self, migration: str) -> Evidence:
        """What is known of a migration's arms, but for the scores."""
        fresh_at_s = None if self.fresh_at_ms is None else self.fresh_at_ms / 1_000
        known = self._migrations.get(migration)
        return (
            Evidence(fresh_at_s=fresh_at_s) if known is None else known.cells.evidence(fresh_at_s)
        )

    def figures(self, migration: str, arm: ArmName) -> Figures:
        """What was measured on an arm since the migration began."""
        known = self._migrations.get(migration)
        return Figures() if known is None else known.totals[arm].figures()

    def migrations(self) -> Sequence[str]:
        """All that anything was measured on, by name."""
        return sorted(self._migrations)

    def encode(self) -> bytes:
        """The roll-up. Cells that did not change since the last one cost nothing again."""
        return msgspec.msgpack.encode(
            {
                "schema": SCHEMA,
                "place": self.place,
                "fresh_at_ms": self.fresh_at_ms,
                "boots": [
                    (*name, boot.up_to, sorted(boot.over)) for name, boot in self._boots.items()
                ],
                "migrations": {
                    name: (*known.cells.told(), {a: t.told() for a, t in known.totals.items()})
                    for name, known in self._migrations.items()
                },
            }
        )

    def _first_time(self, delta: Delta) -> bool:
        name = (delta.worker, delta.boot)
        boot = self._boots[name] = self._boots.pop(name, _Boot())
        if len(self._boots) > MOST_BOOTS:
            del self._boots[next(iter(self._boots))]
        return boot.first_time(delta.seq)

    def _add(self, window: Window, decoded: Times, points: list[int], quarter: int) -> None:
        assert window.arm is not None
        known = self._migrations.setdefault(window.migration, _Migration())
        known.totals[window.arm].add(window, decoded)
        if window.epoch:
            known.cells.add(window, decoded, quarter)
            if points or window.ceiling < WHOLE_SPACE:
                known.cells.sample(window.arm, window.epoch, points, window.ceiling)

    def _hear(self, told: _Told) -> None:
        self.place, self.fresh_at_ms = told.place, told.fresh_at_ms
        for worker, boot, up_to, over in told.boots:
            self._boots[worker, boot] = _Boot(up_to, set(over))
        for name, each in told.migrations.items():
            known = self._migrations[name] = _Migration()
            known.cells.hear(each.cells, each.samples)
            for arm, total in each.totals.items():
                known.totals[arm].hear(total)


def decode(data: bytes) -> Fold:
    """The fold that a roll-up tells of. Raises Invalid."""
    try:
        told = msgspec.msgpack.decode(data, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"a roll-up cannot be read: {error}") from error
    if told.schema != SCHEMA:
        raise Invalid(f"a roll-up has schema {told.schema}; this crossfade reads {SCHEMA}")
    fold = Fold()
    fold._hear(told)  # noqa: SLF001 - its own file
    return fold
