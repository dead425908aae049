"""The observed share, and cells by epoch."""

from __future__ import annotations

import pytest

from control.words.evidence import Cell, Evidence, Sums
from proxy.policy import ArmName


def cell(epoch: int, baseline: int, candidate: int) -> Cell:
    return Cell(
        epoch=epoch,
        quarter=0,
        baseline=Sums(requests=baseline),
        candidate=Sums(requests=candidate),
    )


@pytest.mark.parametrize(
    ("baseline", "candidate", "share"), [(0, 0, 0.0), (3, 1, 0.25), (0, 5, 1.0), (5, 0, 0.0)]
)
def test_the_share_is_the_observed_one(baseline: int, candidate: int, share: float) -> None:
    assert cell(1, baseline, candidate).share == share


def test_an_arm_has_its_own_sums() -> None:
    one = cell(1, 3, 1)
    assert one.arm(ArmName.BASELINE) is one.baseline
    assert one.arm(ArmName.CANDIDATE) is one.candidate


def test_an_epoch_is_its_own_cells_in_their_order() -> None:
    cells = (cell(1, 1, 0), cell(2, 2, 0), cell(1, 3, 0))
    evidence = Evidence(cells=cells)
    assert evidence.epoch(1) == (cells[0], cells[2])
    assert evidence.epoch(9) == ()
