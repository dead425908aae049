"""Limits, cells and evidence for tests: what a test does not name is as usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from control.guard.case import Case, Moment, prepare
from control.guard.finding import Question
from control.words.criteria import Limit, Metric, OnFail, Scale, Side
from control.words.evidence import QUARTER_S, Cell, Evidence, Keys, Sums
from control.words.steps import Course, Step
from proxy.numbers.histogram import Histogram
from proxy.policy import ArmName

NOON = 1_000 * QUARTER_S + 60.0  # UTC seconds in the first quarter of an hour that tests know
QUARTER = 1_000
STEPS = tuple(Step(share=share, hold_s=600.0) for share in (100, 1_000, 5_000))

_SCALES = {"x": Scale.FACTOR, "pp": Scale.POINTS}


def limit(
    metric: Metric = Metric.ERROR_RATE,
    side: Side = Side.OVER,
    written: str = "2%",
    on_fail: OnFail = OnFail.ROLLBACK,
) -> Limit:
    """A limit whose number is what is written: `2%`, `5pp`, `1.25x`, `1s`, `0.9`."""
    digits = written.rstrip("%xps")
    unit = written[len(digits) :]
    number = float(digits) / (100 if unit in ("%", "pp") else 1)
    return Limit(
        metric=metric,
        side=side,
        number=number,
        scale=_SCALES.get(unit, Scale.PLAIN),
        written=written,
        on_fail=on_fail,
    )


RELATIVE = limit(side=Side.OVER_BASELINE, written="1.25x")
ABSOLUTE = limit()


def course(*limits: Limit, alpha: float = 0.05, min_requests: int = 300) -> Course:
    return Course(steps=STEPS, limits=limits, alpha=alpha, min_requests=min_requests)


def sums(requests: int = 0, errors: int = 0, **more: int | float | Histogram) -> Sums:
    return Sums(requests=requests, errors=errors, **more)  # type: ignore[arg-type]


def times(us: int, count: int, *more: tuple[int, int]) -> Histogram:
    """So many values of one time, and of others."""
    histogram = Histogram()
    for value, often in ((us, count), *more):
        histogram.record(value, often)
    return histogram


def cell(
    candidate: Sums | None = None,
    baseline: Sums | None = None,
    *,
    epoch: int = 5,
    quarter: int = QUARTER,
) -> Cell:
    return Cell(
        epoch=epoch,
        quarter=quarter,
        candidate=candidate or Sums(),
        baseline=baseline or Sums(),
    )


def evidence(
    *cells: Cell,
    fresh_at_s: float | None = NOON,
    keys: Iterable[Keys] = (),
    scores: Mapping[ArmName, tuple[float, ...]] | None = None,
    score_epochs: Mapping[ArmName, tuple[int, ...]] | None = None,
) -> Evidence:
    return Evidence(
        cells=cells,
        fresh_at_s=fresh_at_s,
        keys=tuple(keys),
        scores=dict(scores or {}),
        score_epochs=dict(score_epochs or {}),
    )


def moment(
    *starts: int,
    step_since: int = 5,
    anchors: Mapping[str, float] | None = None,
    now_s: float = NOON,
) -> Moment:
    return Moment(anchors=anchors or {}, starts=starts or (5,), step_since=step_since, now_s=now_s)


def case(
    *cells: Cell,
    anchors: Mapping[str, float] | None = None,
    scores: Mapping[ArmName, tuple[float, ...]] | None = None,
    now_s: float = NOON,
) -> Case:
    return prepare(
        course(ABSOLUTE), evidence(*cells, scores=scores), moment(anchors=anchors, now_s=now_s)
    )


def question(of: Limit, alpha: float = 0.01) -> Question:
    return Question(limit=of, alpha=alpha)
