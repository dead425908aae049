"""Every limit of a migration judged on all evidence so far: judge(course, evidence) -> Verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from control.guard import delays, dismissal, lack, means, rates, scores, split
from control.guard.case import Case, Moment, prepare, silent
from control.guard.finding import Finding, Question, rule, unasked
from control.guard.scope import MEANS, RATES, untestable
from control.guard.shares import shares
from control.words.criteria import Limit, Metric
from control.words.evidence import Evidence
from control.words.steps import Course
from control.words.verdict import Verdict


def judge(course: Course, evidence: Evidence, *, moment: Moment) -> Verdict:
    """One judgement a limit, in the order of the limits."""
    now_s = moment.now_s
    case = prepare(course, evidence, moment)
    asked = asked_of(course, evidence, moment, case)
    return Verdict(
        judgements=tuple(rule(question, find(of, question)) for of, question in asked),
        requests=case.step_requests,
        fresh_s=_fresh_s(evidence, now_s),
        silent=silent(evidence, now_s),
        spared=lack.of_workers(evidence.spared_at_s, now_s),
        split_suspect=split.suspect(evidence.keys, moment.step_since),
        waiting=case.stale or lack.of_count(case.step_requests, course.min_requests),
    )


def questions(course: Course) -> tuple[Question, ...]:
    """The limits, each with its share of the course's alpha."""
    shared = shares(course.limits, course.alpha)
    return tuple(Question(limit=limit, alpha=shared[limit.key]) for limit in course.limits)


def asked_of(
    course: Course, evidence: Evidence, moment: Moment, case: Case
) -> Iterator[tuple[Case, Question]]:
    """Each limit with the case that it is judged on; a dismissed one has a case of its own."""
    for question in questions(course):
        epochs = moment.dismissed.get(question.limit.key)
        yield _anew(course, evidence, moment, question, epochs) if epochs else (case, question)


def find(case: Case, question: Question) -> Finding:
    """What the test of one limit finds."""
    why = untestable(question.limit)
    if why is not None:
        return unasked(question, why)
    return _family(question.limit)(case, question)


def _fresh_s(evidence: Evidence, now_s: float) -> float | None:
    if evidence.fresh_at_s is None:
        return None
    overdue = silent(evidence, now_s) is not None
    oldest = min(evidence.heard.values()) if overdue else evidence.fresh_at_s
    return max(now_s - min(oldest, evidence.fresh_at_s), 0.0)


def _anew(
    course: Course,
    evidence: Evidence,
    moment: Moment,
    question: Question,
    epochs: Sequence[int],
) -> tuple[Case, Question]:
    """A dismissed limit: what came since, against what was dismissed, with the whole alpha again.

    What was dismissed is what was measured up to then, since an earlier dismissal if there was one.
    """
    *earlier, since = epochs
    begun = replace(moment, starts=earlier[-1:] or moment.starts)
    before = prepare(course, dismissal.until(evidence, since), begun)
    after = prepare(course, evidence, replace(moment, starts=(since,)))
    limit = question.limit
    wider = dismissal.widened(limit, _worst(before, question).seen.interval)
    if limit.key in moment.anchors:
        bound_s = moment.anchors[limit.key] * wider.number / limit.number
        after = replace(after, anchors={**moment.anchors, limit.key: bound_s})
    return after, replace(question, limit=wider, preamble=dismissal.said(wider))


def _worst(case: Case, question: Question) -> Finding:
    """What is found since the start whose evidence is the strongest: good times before dilute."""
    finding = find(case, question)
    begun = finding.working.begun
    if not begun:
        return finding
    start = case.starts[begun.index(max(begun))]
    return find(replace(case, cells=case.cells[start:], starts=(0,)), question)


def _family(limit: Limit) -> Callable[[Case, Question], Finding]:
    if limit.metric in RATES:
        return rates.find
    if limit.metric in MEANS:
        return means.find
    return scores.find if limit.metric is Metric.QUALITY else delays.find
