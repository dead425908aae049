"""Evidence of counts against a limit, over all starts at once (statistics.md 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control.guard import formulas
from control.guard.case import Case
from control.guard.counting import Row, totals
from control.stats.points import log_e_points
from control.stats.sequential import (
    TOP_RATIO,
    log_e_absolute,
    log_e_since,
    multi_start,
    top_rate,
)

FIRST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The evidence of each start that has come, and of all planned ones together.

    `formula` is how one start's comes about.
    """

    log_e: float
    begun: tuple[float, ...]
    formula: tuple[str, ...] = ()


def against_baseline(case: Case, rows: Sequence[Row], ratio: float) -> Weighed:
    """Evidence that the candidate's hits are more than `ratio` times as frequent."""
    cells = [(row.share, row.candidate, row.baseline) for row in rows]
    top = max(TOP_RATIO, 4 * ratio)
    found = log_e_since(cells, case.starts, ratio, top=top)
    return mixture(case, found, formulas.against_baseline(ratio, top))


def against_bound(case: Case, rows: Sequence[Row], bound: float) -> Weighed:
    """Evidence that the candidate's hits are more than a fraction of its trials."""
    found = [log_e_absolute(*totals(rows[start:])[0], bound) for start in case.starts]
    return mixture(case, found, formulas.against_bound(bound, top_rate(bound)))


def against_points(case: Case, rows: Sequence[Row], margin: float) -> Weighed:
    """Evidence that the candidate's fraction is more than `margin` above the baseline's."""
    cells = [
        ((one.candidate, one.candidate_trials), (one.baseline, one.baseline_trials)) for one in rows
    ]
    found = log_e_points(cells, case.starts, margin)
    return mixture(case, found, formulas.against_points(margin))


def lesser(one: Weighed, other: Weighed) -> Weighed:
    """Evidence that both are so, as strong as the weaker of the two."""
    return one if one.log_e <= other.log_e else other


def weight_of_start(index: int, planned: int) -> float:
    """What the start of this index weighs in the mixture: all planned ones together weigh 1.

    The first one weighs half, since a bad candidate mostly is bad from the beginning; the others
    share the rest, so that a good past does not hide a late regression.
    """
    return FIRST if not index else (1 - FIRST) / (planned - 1)


def mixture(case: Case, begun: Sequence[float], formula: tuple[str, ...] = ()) -> Weighed:
    """All starts in one: one that has not come yet counts as an e-value of 1."""
    weights = [weight_of_start(index, case.planned) for index in range(case.planned)]
    return Weighed(log_e=multi_start(begun, weights), begun=tuple(begun), formula=formula)
