"""What a dismissed limit is judged by from then on: only what is clearly worse than was dismissed.

A person said that what was seen shall have no consequence. That is no leave to get worse: the
limit goes on as one on new evidence, twice as far from harmless as what was dismissed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import msgspec

from control.guard import amounts
from control.guard.intervals import Interval
from control.guard.scope import HIGHEST_FACTOR, LONGEST_S, MEANS, RATES
from control.words.criteria import Limit, Metric, Scale, Side
from control.words.evidence import Evidence

_Value = TypeVar("_Value", int, float)

WORSE = 2.0
MOST = 0.99  # of what is a fraction; beyond it nothing can be shown


def until(evidence: Evidence, epoch: int) -> Evidence:
    """What was measured under earlier weight epochs, as it is known now."""
    kept = {  # which scores
        arm: [at for at, each in enumerate(epochs) if each < epoch]
        for arm, epochs in evidence.score_epochs.items()
    }
    return replace(
        evidence,
        cells=tuple(cell for cell in evidence.cells if cell.epoch < epoch),
        scores={arm: _picked(evidence.scores[arm], at) for arm, at in kept.items()},
        score_epochs={arm: _picked(each, kept[arm]) for arm, each in evidence.score_epochs.items()},
    )


def widened(limit: Limit, seen: Interval | None) -> Limit:
    """The limit that only something clearly worse breaches; its key stays the same.

    `seen` is where the dismissed figure lay, in the unit of the test. Its better end counts, since
    three failures in a row are no proof that everything fails.
    """
    low, high = seen or (None, None)
    number = limit.number
    if limit.side in (Side.OVER, Side.OVER_BASELINE):
        wider = WORSE * max(number, low or 0.0)
    elif limit.metric in MEANS:
        wider = min(number, number if high is None else high) / WORSE
    elif limit.scale is Scale.POINTS:
        wider = WORSE * max(number, -(high or 0.0))
    else:
        wider = 1 - WORSE * max(1 - number, _short(limit, high))
    return msgspec.structs.replace(limit, number=_testable(limit, wider))


def said(limit: Limit) -> str:
    """What a widened limit's sentence begins with."""
    match limit.scale:
        case Scale.FACTOR:
            mark = f"{amounts.digits(limit.number)}x"
        case Scale.POINTS:
            mark = f"{100 * limit.number:.1f} pp"
        case _:
            mark = amounts.amount(limit.metric, limit.number)
    return f"dismissed, and since then held against {mark}: "


def _picked(values: tuple[_Value, ...], at: list[int]) -> tuple[_Value, ...]:
    return tuple(values[index] for index in at)


def _short(limit: Limit, high: float | None) -> float:
    """How much was missing of all; availability in x is tested as a difference of rates."""
    if high is None:
        return 0.0
    differs = limit.metric is Metric.AVAILABILITY and limit.scale is Scale.FACTOR
    return -high if differs else 1 - high


def _testable(limit: Limit, number: float) -> float:
    """The nearest number that a test exists for."""
    if limit.scale is Scale.FACTOR:
        return min(max(number, 1 - MOST), HIGHEST_FACTOR)
    if limit.metric in RATES or limit.metric is Metric.QUALITY:
        return min(max(number, 1 - MOST), MOST)
    return number if limit.metric in MEANS else min(number, LONGEST_S)
