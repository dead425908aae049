"""What a test found on one limit, and the ruling and the sentence that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from control.guard import amounts
from control.guard.counting import Hits, Row, totals
from control.stats.logarithms import threshold
from control.words.criteria import Limit
from control.words.verdict import Judgement, Standing

CLEARLY = 0.7  # of log e-values: twice as unlikely


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One limit, and its share of the chance that any limit alarms falsely.

    `preamble` is what its sentence begins with, where it is not judged as its file says.
    """

    limit: Limit
    alpha: float
    preamble: str = ""

    @property
    def threshold(self) -> float:
        """What a log e-value must reach to be a breach."""
        return threshold(self.alpha)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured, in the metric's unit; `told` says it in words."""

    told: str
    baseline: float | None = None
    candidate: float | None = None
    ratio: float | None = None
    bound: float | None = None
    interval: tuple[float | None, float | None] | None = None
    baseline_samples: int = 0
    samples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The arithmetic: which test, on which counts, with what outcome; logs are natural.

    `begun` is the evidence of each start that has come, where the test has several; `planned` are
    all there can be, and each begins at the row in `starts`. `notes` are the test's constants, a
    line each.
    """

    test: str
    log_e: float
    threshold: float
    notes: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    starts: tuple[int, ...] = ()
    begun: tuple[float, ...] = ()
    planned: int = 0

    @property
    def lately(self) -> Hits | None:
        """The candidate's hits and trials since a start that tells clearly more than the first."""
        if not self.starts or not self.rows:
            return None
        best = max(range(len(self.begun)), key=self.begun.__getitem__)
        if self.begun[best] - self.begun[0] < CLEARLY:
            return None
        return totals(self.rows[self.starts[best] :])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`lack` says what keeps the limit from being passed, None where nothing does."""

    seen: Seen
    working: Working
    lack: str | None


def rule(question: Question, finding: Finding) -> Judgement:
    """The judgement: enough evidence fails whatever is lacking, and what lacks is never passed."""
    seen, working = finding.seen, finding.working
    standing = _standing(finding)
    said = _sentence(question, finding, standing)
    return Judgement(
        limit=question.limit,
        standing=standing,
        evidence=working.log_e,
        threshold=working.threshold,
        alpha=question.alpha,
        bound=seen.bound,
        baseline=seen.baseline,
        candidate=seen.candidate,
        ratio=seen.ratio,
        interval=seen.interval,
        baseline_samples=seen.baseline_samples,
        samples=seen.samples,
        sentence=f"{question.limit.key}: {question.preamble}{said}",
    )


def unasked(question: Question, why: str) -> Finding:
    """The finding where no test could be made."""
    working = Working(test="none", log_e=0.0, threshold=question.threshold)
    return Finding(seen=Seen(told=""), working=working, lack=why)


def _standing(finding: Finding) -> Standing:
    if finding.working.log_e >= finding.working.threshold:
        return Standing.FAIL
    return Standing.PASS if finding.lack is None else Standing.INCONCLUSIVE


def _sentence(question: Question, finding: Finding, standing: Standing) -> str:
    told = finding.seen.told
    match standing:
        case Standing.FAIL:
            beyond = finding.working.log_e - finding.working.threshold
            rare = amounts.odds(beyond + question.threshold)
            return f"{told}{_lately(finding)}; by chance this happens {rare}: breach."
        case Standing.INCONCLUSIVE:
            return f"{told}; {finding.lack}." if told else f"{finding.lack}."
    return f"{told}: no breach."


def _lately(finding: Finding) -> str:
    """Where a late part of the evidence convinces: all of it may look harmless."""
    lately = finding.working.lately
    if lately is None:
        return ""
    hits, trials = lately
    return f"; {hits:,} of the last {trials:,} ({amounts.percent(hits / trials)})" if trials else ""
