"""How a judgement came about: the counts, the test's constants and every number in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isclose

import msgspec

from control.guard import judging
from control.guard.case import Case, Moment, prepare
from control.guard.counting import Row
from control.guard.finding import Question, rule
from control.guard.shares import parts, weight
from control.lines import fitted
from control.stats.logarithms import threshold
from control.words.evidence import QUARTER_S, Evidence
from control.words.steps import Course
from control.words.verdict import Judgement

SHOWN = 40  # cells in the text; the record has them all


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One cell: of so many trials of each arm, so many hits; `w` is the observed share.

    `at` is when its quarter of an hour begins, UTC.
    """

    epoch: int
    at: str
    w: float
    candidate: int
    candidate_trials: int
    baseline: int
    baseline_trials: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence since one start of the mixture."""

    epoch: int
    at: str
    log_e: float


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement's arithmetic; logs are natural.

    `parts` of `all_parts` is the limit's share of `course_alpha`. Of `planned` starts
    `starts` have come. `lines` say all of it in text of at most 80 columns.
    """

    judgement: Judgement
    test: str
    notes: tuple[str, ...]
    course_alpha: float
    parts: int
    all_parts: int
    cells: tuple[Counted, ...]
    starts: tuple[Start, ...]
    planned: int
    lines: tuple[str, ...]


def explain(
    course: Course, evidence: Evidence, asked: str | None, *, moment: Moment
) -> tuple[Explanation, ...]:
    """The arithmetic of each limit of this key or metric, or of all; nothing where none is."""
    case = prepare(course, evidence, moment)
    return tuple(
        _explanation(course, of, question)
        for of, question in judging.asked_of(course, evidence, moment, case)
        if asked in (None, question.limit.key, question.limit.metric)
    )


def _explanation(course: Course, case: Case, question: Question) -> Explanation:
    finding = judging.find(case, question)
    working = finding.working
    cells = tuple(map(_counted, working.rows))
    starts = tuple(
        Start(epoch=case.cells[index].epoch, at=_at(case.cells[index].quarter), log_e=log_e)
        for index, log_e in zip(case.starts, working.begun, strict=False)
    )
    bare = Explanation(
        judgement=rule(question, finding),
        test=working.test,
        notes=working.notes,
        course_alpha=course.alpha,
        parts=weight(question.limit),
        all_parts=parts(course.limits),
        cells=cells,
        starts=starts,
        planned=working.planned,
        lines=(),
    )
    return msgspec.structs.replace(bare, lines=tuple(_lines(bare)))


def _counted(row: Row) -> Counted:
    return Counted(
        epoch=row.epoch,
        at=_at(row.quarter),
        w=row.share,
        candidate=row.candidate,
        candidate_trials=row.candidate_trials,
        baseline=row.baseline,
        baseline_trials=row.baseline_trials,
    )


def _at(quarter: int) -> str:
    return datetime.fromtimestamp(quarter * QUARTER_S, UTC).strftime("%Y-%m-%d %H:%M")


def _lines(one: Explanation) -> Iterator[str]:
    judgement = one.judgement
    yield judgement.limit.key
    yield from fitted(_said(judgement), 80, first="  ", later="  ")
    yield _line("alpha", f"{judgement.alpha:.3g} = {one.course_alpha:g} x {_part(one)}")
    yield _line("test", one.test)
    for note in one.notes:
        yield _line("", note)
    yield from _of_cells(one)
    yield from _of_starts(one)
    yield _line("log E", _outcome(one))


def _said(judgement: Judgement) -> str:
    return judgement.sentence.removeprefix(f"{judgement.limit.key}: ")


def _part(one: Explanation) -> str:
    return f"{one.parts}/{one.all_parts}, its part of the migration's"


def _of_cells(one: Explanation) -> Iterator[str]:
    if not one.cells:
        return
    header = f"{'epoch':>6}  {'from (UTC)':<16}  {'w':>6}  {'candidate':>17}  {'baseline':>17}"
    yield _line("cells", header)
    for cell in one.cells[-SHOWN:]:
        ours = f"{cell.candidate:,}/{cell.candidate_trials:,}"
        theirs = f"{cell.baseline:,}/{cell.baseline_trials:,}"
        yield _line("", f"{cell.epoch:>6}  {cell.at}  {cell.w:.4f}  {ours:>17}  {theirs:>17}")
    if len(one.cells) > SHOWN:
        yield _line("", f"and {len(one.cells) - SHOWN:,} older cells")


def _of_starts(one: Explanation) -> Iterator[str]:
    if not one.starts:
        return
    for at, start in enumerate(one.starts):
        name = "" if at else "starts"
        yield _line(name, f"since epoch {start.epoch}, {start.at}: log E = {start.log_e:.2f}")
    coming = one.planned - len(one.starts)
    others = 2 * (one.planned - 1)
    yield _line("", f"the first weighs 1/2, {one.planned - 1} others 1/{others} each;")
    yield _line("", f"of these {coming} are to come and count as E = 1")


def _outcome(one: Explanation) -> str:
    judgement = one.judgement
    reached = judgement.evidence >= judgement.threshold
    sign, word = (">=", "a breach") if reached else ("<", "no breach")
    sides = 1 if isclose(judgement.threshold, threshold(judgement.alpha)) else 2
    bar = f"log({sides}/alpha) = {judgement.threshold:.2f}"
    return f"{judgement.evidence:.2f} {sign} {bar}: {word}"


def _line(name: str, text: str) -> str:
    return f"  {name:<8}{text}".rstrip()
