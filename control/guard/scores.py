"""Limits on quality: scores from 0 to 1, by the empirical Bernstein sequence (4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from control.guard import amounts, intervals, lack
from control.guard.case import Case
from control.guard.finding import Finding, Question, Seen, Working
from control.stats.bernstein import Scores
from control.words.criteria import Limit, Scale
from proxy.policy import ArmName

SINGLE, BLOCK = 4_096, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One arm's scores: how many, their plain mean, and what they are worth as evidence."""

    count: int
    mean: float | None
    read: Scores


def find(case: Case, question: Question) -> Finding:
    """Whether the candidate's answers are worse than the limit, or are shown not to be."""
    limit = question.limit
    ours = _heard(case.scores[ArmName.CANDIDATE], question.alpha)
    theirs = _heard(case.scores[ArmName.BASELINE], question.alpha)
    seen = _seen(limit, ours, theirs)
    notes = [f"after the first {SINGLE:,} scores means of {BLOCK} count as one"]
    if limit.side.relative:
        notes.append("log E = the larger of (c * bets - won - stake) of the candidate and")
        notes.append("(won - q * bets - stake) of the baseline, at the q where they meet;")
        notes.append("c is what the limit allows at a baseline's mean of q")
    else:
        notes.append(f"log E = {limit.number:g} * bets - won - stake")
    notes.append(_sums("candidate", ours.read))
    if limit.side.relative:
        notes.append(_sums("baseline", theirs.read))
    working = Working(
        test="a mean of scores by the empirical Bernstein sequence",
        log_e=_log_e(limit, ours.read, theirs.read),
        threshold=question.threshold + log(2),  # half of alpha for each side of the interval
        notes=tuple(notes),
    )
    return Finding(seen=seen, working=working, lack=_lack(case, limit, seen))


def _heard(scores: Sequence[float], alpha: float) -> Heard:
    mean = sum(scores) / len(scores) if scores else None
    return Heard(count=len(scores), mean=mean, read=Scores(alpha=alpha).and_then(samples(scores)))


def samples(scores: Sequence[float]) -> Iterator[float]:
    """The first scores one by one, the later ones as means of as many as were fixed beforehand.

    Such a mean lies between 0 and 1 and has the mean of its scores, so that the sequence holds as
    exactly as before, and 200,000 scores take as long as 16,000. A block that is not full waits.
    """
    yield from scores[:SINGLE]
    for at in range(SINGLE, len(scores) - BLOCK + 1, BLOCK):
        yield sum(scores[at : at + BLOCK]) / BLOCK


def _log_e(limit: Limit, ours: Scores, theirs: Scores) -> float:
    return _worse(limit, ours, theirs) if limit.side.relative else ours.log_e_under(limit.number)


def _worse(limit: Limit, ours: Scores, theirs: Scores) -> float:
    """Evidence that the candidate's mean is below what the limit makes of the baseline's.

    Whatever the baseline's mean q is, either it is above q or the candidate's is below what q
    allows: the one falls with q and the other climbs, so they are least convincing where they meet.
    """
    if not (ours.count and theirs.count):
        return 0.0
    factor, less = _allowed(limit)
    meet = theirs.won - theirs.stake + ours.won + ours.stake + less * ours.bets
    q = min(max(meet / (factor * ours.bets + theirs.bets), 0.0), 1.0)
    return max(ours.log_e_under(factor * q - less), theirs.log_e_over(q))


def _allowed(limit: Limit) -> tuple[float, float]:
    """The candidate's mean has to be at least the baseline's times the first, less the second."""
    return (limit.number, 0.0) if limit.scale is Scale.FACTOR else (1.0, limit.number)


def _seen(limit: Limit, ours: Heard, theirs: Heard) -> Seen:
    bound: float | None = limit.number
    interval: intervals.Interval = ours.read.interval
    if limit.side.relative:
        interval = _compared(limit, ours.read, theirs.read)
        factor, less = _allowed(limit)
        bound = factor * theirs.mean - less if theirs.mean is not None else None
    return Seen(
        told=_told(limit, ours, theirs),
        baseline=theirs.mean,
        candidate=ours.mean,
        ratio=intervals.over(ours.mean, theirs.mean),
        bound=bound,
        interval=interval,
        baseline_samples=theirs.count,
        samples=ours.count,
    )


def _compared(limit: Limit, ours: Scores, theirs: Scores) -> intervals.Interval:
    (low, high), (their_low, their_high) = ours.interval, theirs.interval
    if limit.scale is Scale.FACTOR:
        return intervals.over(low, their_high), intervals.over(high, their_low)
    return low - their_high, high - their_low


def _lack(case: Case, limit: Limit, seen: Seen) -> str | None:
    if not seen.samples:
        return "no scores of the candidate's answers have arrived, and no data is no pass"
    if limit.side.relative and not seen.baseline_samples:
        return "no scores of the baseline's answers have arrived to compare with"
    return case.stale or lack.of_interval(limit, seen.interval)


def _told(limit: Limit, ours: Heard, theirs: Heard) -> str:
    if ours.mean is None:
        return ""
    told = f"the candidate's mean is {amounts.amount(limit.metric, ours.mean)}"
    told += f" over {ours.count:,} scores"
    if limit.side.relative and theirs.mean is not None:
        told += f", the baseline's {amounts.amount(limit.metric, theirs.mean)}"
        told += f" over {theirs.count:,}"
    return told


def _sums(name: str, read: Scores) -> str:
    return (
        f"{name}: n = {read.count:,}, bets {read.bets:.4g}, won {read.won:.4g}, "
        f"stake {read.stake:.4g}"
    )
