"""The bounds of latency limits against the baseline, frozen before the candidate is judged."""

from __future__ import annotations

from math import ceil

from control.guard.delays import DELAYS
from control.guard.scope import untestable
from control.words.criteria import Limit
from control.words.evidence import Cell, Evidence
from control.words.steps import Course
from proxy.policy import ArmName

DAY = 96  # quarters of an hour
FEWEST = 100
TAIL = 6  # samples beyond a quantile that it is known by: 100 for p50, 120 for p95, 600 for p99


def anchored(course: Course, evidence: Evidence) -> dict[str, float]:
    """For each such limit, its factor times the baseline's quantile of the last day, in seconds.

    Leaves out a limit whose quantile too few samples tell. Whoever keeps these lets what was
    frozen stand: a bound that followed the traffic would fit any candidate.
    """
    latest = max((cell.quarter for cell in evidence.cells), default=0)
    recent = tuple(cell for cell in evidence.cells if cell.quarter > latest - DAY)
    found = {limit.key: _anchor(limit, recent) for limit in course.limits if _asks(limit)}
    return {key: bound_s for key, bound_s in found.items() if bound_s is not None}


def _asks(limit: Limit) -> bool:
    return limit.side.relative and limit.metric in DELAYS and untestable(limit) is None


def _anchor(limit: Limit, cells: tuple[Cell, ...]) -> float | None:
    delay = DELAYS[limit.metric]
    times = delay.pooled(cells, ArmName.BASELINE)
    if times.count < max(FEWEST, ceil(TAIL / (1 - delay.quantile))):
        return None
    quantile_s = delay.quantile_s(times)
    return None if quantile_s is None else limit.number * quantile_s
