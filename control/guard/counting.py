"""What a test of shares counts: of each arm's trials in each cell, those that are held against it.

A failed request has no time of its own and so is slower than any bound; otherwise a candidate that
fails fast would look fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from control.words.criteria import Metric
from control.words.evidence import Cell, Sums

US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cell's counts for one limit: of so many trials of an arm, so many hits."""

    epoch: int
    quarter: int
    candidate: int
    candidate_trials: int
    baseline: int
    baseline_trials: int

    @property
    def share(self) -> float:
        """The candidate's observed share of these trials: the w of statistics.md."""
        together = self.candidate_trials + self.baseline_trials
        return self.candidate_trials / together if together else 0.0


Hits: TypeAlias = tuple[int, int]  # hits and trials of one arm
Count: TypeAlias = Callable[[Cell], tuple[Hits, Hits]]  # the candidate's and the baseline's


def rows(cells: Iterable[Cell], count: Count) -> tuple[Row, ...]:
    """One row a cell, in the order of the cells."""
    return tuple(_row(cell, *count(cell)) for cell in cells)


def totals(counted: Iterable[Row]) -> tuple[Hits, Hits]:
    """All rows as one: the candidate's and the baseline's."""
    k1 = n1 = k0 = n0 = 0
    for row in counted:
        k1 += row.candidate
        n1 += row.candidate_trials
        k0 += row.baseline
        n0 += row.baseline_trials
    return (k1, n1), (k0, n0)


def part(hits: Hits) -> float | None:
    """The fraction of trials that are hits; nothing of nothing."""
    return hits[0] / hits[1] if hits[1] else None


def of_rate(metric: Metric) -> Count:
    """Failures of all requests; for truncation, answers cut at a token limit of all answers."""
    arm = _cut if metric is Metric.TRUNCATION_RATE else _failed
    return lambda cell: (arm(cell.candidate), arm(cell.baseline))


def of_latency(bound_s: float) -> Count:
    """Requests that failed or took longer than the bound."""
    bound_us = round(bound_s * US)
    return lambda cell: (_slow(cell.candidate, bound_us), _slow(cell.baseline, bound_us))


def of_first_token(bound_s: float) -> Count:
    """Streams that failed or whose first token took longer than the bound.

    Which failures were to be streams is not recorded: as large a part of them as of the cell's
    good answers, rounded down.
    """
    bound_us = round(bound_s * US)

    def count(cell: Cell) -> tuple[Hits, Hits]:
        streams = cell.candidate.ttft.count + cell.baseline.ttft.count
        answers = max(cell.candidate.latency.count + cell.baseline.latency.count, streams)
        return (
            _late(cell.candidate, bound_us, streams, answers),
            _late(cell.baseline, bound_us, streams, answers),
        )

    return count


def _row(cell: Cell, candidate: Hits, baseline: Hits) -> Row:
    return Row(
        epoch=cell.epoch,
        quarter=cell.quarter,
        candidate=candidate[0],
        candidate_trials=candidate[1],
        baseline=baseline[0],
        baseline_trials=baseline[1],
    )


def _failed(arm: Sums) -> Hits:
    return arm.errors, arm.requests


def _cut(arm: Sums) -> Hits:
    answers = arm.requests - arm.errors
    return min(arm.length_stops, answers), answers


def _slow(arm: Sums, bound_us: int) -> Hits:
    return arm.errors + arm.latency.above(bound_us), arm.errors + arm.latency.count


def _late(arm: Sums, bound_us: int, streams: int, answers: int) -> Hits:
    failed = arm.errors * streams // answers if answers else 0
    return failed + arm.ttft.above(bound_us), failed + arm.ttft.count
