"""What the tests of one migration look at: its cells since the ramp began, and where they start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from control.migration.moment import lasting
from control.words.evidence import QUARTER_S, Cell, Evidence
from control.words.steps import Course
from proxy.policy import ArmName

START_EVERY_S = 6 * 3_600
SPARE_STARTS = 4  # for steps that are repeated
STARTS_WITHOUT_STEPS = 29  # the beginning and a week of every six hours
MOST_NAMED = 3  # workers in one sentence
STALE_S = 30.0  # workers flush once a second; a ramp pauses at the same age

_QUARTERS = START_EVERY_S // QUARTER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One migration's evidence, prepared for its limits.

    `scores` are of answers since then too. `starts` are indexes into `cells`: where the evidence of
    each start begins; `planned` is how many there can ever be, which the course alone decides.
    Cells from epoch `step_since` on are of the step in force. `stale` says why what is measured is
    too old to pass anything.
    """

    cells: tuple[Cell, ...]
    starts: tuple[int, ...]
    planned: int
    step_since: int
    min_requests: int
    anchors: Mapping[str, float]
    scores: Mapping[ArmName, tuple[float, ...]]
    stale: str | None

    @property
    def step_requests(self) -> int:
        """The candidate's eligible requests since the step began."""
        return sum(cell.candidate.requests for cell in self.cells if cell.epoch >= self.step_since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a ramp stands: the weight epochs of its steps' beginnings, the step's own, the time.

    The first of `starts` is where evidence begins; of earlier cells nothing is counted. `anchors`
    are the frozen bounds of latency limits against the baseline, in seconds, by the limit's key.
    `dismissed` are the weight epochs that began when a limit was dismissed in this step, by its
    key, the oldest first.
    """

    anchors: Mapping[str, float]
    starts: Sequence[int]
    step_since: int
    now_s: float
    dismissed: Mapping[str, Sequence[int]] = field(default_factory=dict)


def prepare(course: Course, evidence: Evidence, moment: Moment) -> Case:
    """The case of a migration at one moment."""
    first = min(moment.starts, default=0)
    cells = tuple(cell for cell in evidence.cells if cell.epoch >= first)
    whole = planned(course)
    return Case(
        cells=cells,
        starts=_starts(cells, moment.starts)[:whole],
        planned=whole,
        step_since=moment.step_since,
        min_requests=course.min_requests,
        anchors=moment.anchors,
        scores={arm: _scores(evidence, arm, first) for arm in ArmName},
        stale=_stale(evidence, moment.now_s),
    )


def planned(course: Course) -> int:
    """How many starts the evidence of a ramp can have: one a step, one every six hours, some more.

    It must not depend on what happens: the mean over the starts so far would be no e-value
    (statistics.md 4.1). A ramp that outlasts its plan has no more starts than this.
    """
    if not course.steps:
        return STARTS_WITHOUT_STEPS
    hold_s = sum(step.hold_s for step in course.steps)
    return len(course.steps) + ceil(hold_s / START_EVERY_S) + SPARE_STARTS


def _starts(cells: Sequence[Cell], epochs: Sequence[int]) -> tuple[int, ...]:
    waiting = sorted(set(epochs))
    found: list[int] = []
    for index, cell in enumerate(cells):
        begun = [epoch for epoch in waiting if epoch <= cell.epoch]
        waiting = waiting[len(begun) :]
        if not index or begun or cell.quarter // _QUARTERS > cells[index - 1].quarter // _QUARTERS:
            found.append(index)
    return tuple(found)


def _scores(evidence: Evidence, arm: ArmName, first: int) -> tuple[float, ...]:
    """The scores of answers that were given since the ramp began, whenever they arrived."""
    scores = evidence.scores.get(arm, ())
    epochs = evidence.score_epochs.get(arm)
    if epochs is None:
        return scores
    return tuple(score for score, epoch in zip(scores, epochs, strict=True) if epoch >= first)


def silent(evidence: Evidence, now_s: float) -> str | None:
    """Which workers live and have measured nothing of late, None where none do."""
    overdue = {name: at_s for name, at_s in evidence.heard.items() if now_s - at_s > STALE_S}
    if not overdue:
        return None
    longest = lasting(now_s - min(overdue.values()))
    names = sorted(overdue)
    if len(names) == 1:
        return f"worker {names[0]} is live but has reported no measurements for {longest}"
    listed = ", ".join(names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (
        f"{len(names)} of {len(evidence.heard)} live workers have reported no measurements "
        f"for up to {longest} ({listed}{more})"
    )


def _stale(evidence: Evidence, now_s: float) -> str | None:
    if evidence.fresh_at_s is None:
        return "nothing was ever measured"
    age_s = now_s - evidence.fresh_at_s
    if age_s > STALE_S:
        return f"nothing was measured for {lasting(age_s)}"
    return silent(evidence, now_s)
