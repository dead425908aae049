"""One migration's evidence while it is added up: cells by weight epoch and quarter of an hour.

Cells older than two days are six hours wide, and there are never more than a thousand: a week is
some three hundred. What any order of adding gives is the same.
"""

from __future__ import annotations

import msgspec

from control.measures.sums import Sum, Times, Told, heard
from control.words.evidence import Cell, Evidence, Keys
from proxy.delta import Window
from proxy.numbers.keysample import KeySample, points_in, points_of
from proxy.policy import ArmName

FINE_QUARTERS = 192  # two days
WIDE = 24  # quarters of an hour in a wide cell; blocks begin at 0, 6, 12 and 18 h UTC
MOST_CELLS = 1_000
MOST_SAMPLED = 8  # weight epochs whose keys are told apart

_encoder = msgspec.msgpack.Encoder()


class ToldCell(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A cell in a roll-up."""

    epoch: int
    quarter: int
    baseline: Told
    candidate: Told


class ToldSample(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An epoch's keys in a roll-up; `share` is None where it is not known."""

    epoch: int
    share: int | None
    baseline: bytes
    baseline_ceiling: int
    candidate: bytes
    candidate_ceiling: int


class _Cell:
    """One cell, with what was made of it since it last changed."""

    __slots__ = ("arms", "frozen", "raw")

    def __init__(self) -> None:
        self.arms = {ArmName.BASELINE: Sum(), ArmName.CANDIDATE: Sum()}
        self.frozen: Cell | None = None
        self.raw: msgspec.Raw | None = None

    def changed(self) -> None:
        self.frozen = self.raw = None


class _Sample:
    """One epoch's keys."""

    __slots__ = ("arms", "counted", "share")

    def __init__(self) -> None:
        self.arms = {ArmName.BASELINE: KeySample(), ArmName.CANDIDATE: KeySample()}
        self.share: int | None = None
        self.counted: Keys | None = None


class Cells:
    """All cells of one migration."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], _Cell] = {}  # by (quarter, epoch)
        self._samples: dict[int, _Sample] = {}
        self._newest = 0
        self._evidence: Evidence | None = None

    def add(self, window: Window, times: Times, quarter: int) -> None:
        """Adds a window of an arm's primary exchanges under a weight."""
        assert window.arm is not None
        self._evidence = None
        if quarter > self._newest:
            self._newest = quarter
            self._widen()
        cell = self._cells.setdefault(self._place(quarter, window.epoch), _Cell())
        cell.arms[window.arm].add(window, times)
        cell.changed()
        if len(self._cells) > MOST_CELLS:
            del self._cells[min(self._cells)]

    def sample(self, arm: ArmName, epoch: int, points: list[int], ceiling: int) -> None:
        """Unites a worker's sample of an epoch's keys with those known."""
        sample = self._sample(epoch)
        sample.arms[arm].unite(points, ceiling)
        sample.counted = None

    def share(self, epoch: int, share: int) -> None:
        """A weight epoch's share was that many basis points."""
        sample = self._samples.get(epoch)
        if sample is not None and sample.share != share:
            sample.share, sample.counted, self._evidence = share, None, None

    def evidence(self, fresh_at_s: float | None) -> Evidence:
        """All of it, which later windows leave alone; and when a worker was last heard."""
        if self._evidence is None or self._evidence.fresh_at_s != fresh_at_s:
            self._evidence = Evidence(
                cells=tuple(self._frozen(place) for place in sorted(self._cells)),
                fresh_at_s=fresh_at_s,
                keys=tuple(
                    _counted(epoch, sample)
                    for epoch, sample in sorted(self._samples.items())
                    if sample.share is not None
                ),
            )
        return self._evidence

    def told(self) -> tuple[list[msgspec.Raw], list[ToldSample]]:
        """For a roll-up."""
        return (
            [self._raw(place) for place in sorted(self._cells)],
            [_told(epoch, sample) for epoch, sample in sorted(self._samples.items())],
        )

    def hear(self, cells: list[ToldCell], samples: list[ToldSample]) -> None:
        """Takes in what a roll-up tells. Raises Invalid."""
        for told in cells:
            cell = self._cells[told.quarter, told.epoch] = _Cell()
            cell.arms = {
                ArmName.BASELINE: heard(told.baseline),
                ArmName.CANDIDATE: heard(told.candidate),
            }
            self._newest = max(self._newest, told.quarter)
        for each in samples:
            arms = self._sample(each.epoch).arms
            arms[ArmName.BASELINE].unite(points_in(each.baseline), each.baseline_ceiling)
            arms[ArmName.CANDIDATE].unite(points_in(each.candidate), each.candidate_ceiling)
            if each.share is not None:
                self.share(each.epoch, each.share)

    def _sample(self, epoch: int) -> _Sample:
        self._evidence = None
        sample = self._samples.setdefault(epoch, _Sample())
        if len(self._samples) > MOST_SAMPLED:
            del self._samples[min(self._samples)]
        return sample

    def _place(self, quarter: int, epoch: int) -> tuple[int, int]:
        return (quarter - quarter % WIDE if quarter < self._horizon else quarter, epoch)

    @property
    def _horizon(self) -> int:
        fine = self._newest - FINE_QUARTERS
        return fine - fine % WIDE

    def _widen(self) -> None:
        for quarter, epoch in [place for place in self._cells if place != self._place(*place)]:
            narrow = self._cells.pop((quarter, epoch))
            wide = self._cells.setdefault(self._place(quarter, epoch), _Cell())
            for arm, total in wide.arms.items():
                total.merge(narrow.arms[arm])
            wide.changed()

    def _frozen(self, place: tuple[int, int]) -> Cell:
        cell = self._cells[place]
        if cell.frozen is None:
            cell.frozen = Cell(
                quarter=place[0],
                epoch=place[1],
                baseline=cell.arms[ArmName.BASELINE].frozen(),
                candidate=cell.arms[ArmName.CANDIDATE].frozen(),
            )
        return cell.frozen

    def _raw(self, place: tuple[int, int]) -> msgspec.Raw:
        cell = self._cells[place]
        if cell.raw is None:
            arms = (cell.arms[ArmName.BASELINE].told(), cell.arms[ArmName.CANDIDATE].told())
            cell.raw = msgspec.Raw(_encoder.encode(ToldCell(place[1], place[0], *arms)))
        return cell.raw


def _counted(epoch: int, sample: _Sample) -> Keys:
    assert sample.share is not None
    if sample.counted is None:
        for keys in sample.arms.values():
            keys.settle()
        ceiling = min(keys.ceiling for keys in sample.arms.values())
        sample.counted = Keys(
            epoch=epoch,
            share=sample.share,
            baseline=sample.arms[ArmName.BASELINE].under(ceiling),
            candidate=sample.arms[ArmName.CANDIDATE].under(ceiling),
        )
    return sample.counted


def _told(epoch: int, sample: _Sample) -> ToldSample:
    baseline, candidate = sample.arms[ArmName.BASELINE], sample.arms[ArmName.CANDIDATE]
    baseline.settle()
    candidate.settle()
    return ToldSample(
        epoch,
        sample.share,
        points_of(baseline.points),
        baseline.ceiling,
        points_of(candidate.points),
        candidate.ceiling,
    )
