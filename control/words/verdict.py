"""The words of a judgement: what a test saw on one limit, and what it makes of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from control.words.criteria import Limit, OnFail


class Standing(StrEnum):
    """What a test can say. Nothing measured is never a pass."""

    PASS = "pass"  # noqa: S105 - the word, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One limit, tested on all evidence so far.

    `evidence` and `threshold` are natural logarithms of e-values (statistics.md 4.1): it fails
    when the one reaches the other, which happens to a healthy candidate with chance `alpha` at
    most, however often one looks. `baseline`, `candidate` and `bound` are in the metric's unit;
    `interval` is the candidate's (or, against the baseline, the ratio's or the difference's),
    with None for a side that is not bounded yet. `sentence` says what was seen and why that is
    a breach or is not.
    """

    limit: Limit
    standing: Standing
    evidence: float
    threshold: float
    alpha: float
    bound: float | None
    baseline: float | None
    candidate: float | None
    ratio: float | None
    interval: tuple[float | None, float | None] | None
    baseline_samples: int
    samples: int
    sentence: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All judgements at one moment. `requests` are the candidate's since the step began.

    `fresh_s` is the age of the newest measurement, of the worker that has been silent for longest
    where one lives and measures nothing (`silent` names it); None where there never was one.
    `split_suspect` is what the self-check of the split says against it, None where nothing.
    `spared` tells of workers that send nothing more to the candidate, None where there are none.
    `waiting` is why nothing can pass yet, whatever the limits are: too little or too old data.
    """

    judgements: tuple[Judgement, ...] = ()
    requests: int = 0
    fresh_s: float | None = None
    split_suspect: str | None = None
    silent: str | None = None
    spared: str | None = None
    waiting: str | None = None

    @property
    def standing(self) -> Standing:
        """All in one: a breach, else what is still open, else a pass (statistics.md 4.6, rule 5).

        Limits that only warn hold nothing up, neither by a breach nor by what they lack.
        """
        weighty = [each for each in self.judgements if each.limit.on_fail is not OnFail.WARN]
        if any(each.standing is Standing.FAIL for each in weighty):
            return Standing.FAIL
        if self.waiting or any(each.standing is Standing.INCONCLUSIVE for each in weighty):
            return Standing.INCONCLUSIVE
        return Standing.PASS

    @property
    def breaches(self) -> tuple[Judgement, ...]:
        """What failed, the hardest consequence first."""
        order = tuple(OnFail)
        failed = [each for each in self.judgements if each.standing is Standing.FAIL]
        return tuple(sorted(failed, key=lambda each: -order.index(each.limit.on_fail)))
