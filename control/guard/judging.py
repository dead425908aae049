"""Every limit of a migration judged on all evidence so far: judge(course, evidence) -> Verdict."""

from __future__ import annotations

from collections.abc import Callable

from control.guard import delays, lack, means, rates, scores, split
from control.guard.case import Case, Moment, prepare
from control.guard.finding import Finding, Question, rule, unasked
from control.guard.scope import MEANS, RATES, untestable
from control.guard.shares import shares
from control.words.criteria import Limit, Metric
from control.words.evidence import Evidence
from control.words.steps import Course
from control.words.verdict import Verdict


def judge(course: Course, evidence: Evidence, *, moment: Moment) -> Verdict:
    """One judgement a limit, in the order of the limits."""
    case, now_s = prepare(course, evidence, moment), moment.now_s
    return Verdict(
        judgements=tuple(rule(each, find(case, each)) for each in questions(course)),
        requests=case.step_requests,
        fresh_s=None if evidence.fresh_at_s is None else max(now_s - evidence.fresh_at_s, 0.0),
        spared=lack.of_workers(evidence.spared_at_s, now_s),
        split_suspect=split.suspect(evidence.keys, moment.step_since),
        waiting=case.stale or lack.of_count(case.step_requests, course.min_requests),
    )


def questions(course: Course) -> tuple[Question, ...]:
    """The limits, each with its share of the course's alpha."""
    shared = shares(course.limits, course.alpha)
    return tuple(Question(limit=limit, alpha=shared[limit.key]) for limit in course.limits)


def find(case: Case, question: Question) -> Finding:
    """What the test of one limit finds."""
    why = untestable(question.limit)
    if why is not None:
        return unasked(question, why)
    return _family(question.limit)(case, question)


def _family(limit: Limit) -> Callable[[Case, Question], Finding]:
    if limit.metric in RATES:
        return rates.find
    if limit.metric in MEANS:
        return means.find
    return scores.find if limit.metric is Metric.QUALITY else delays.find
