"""How often the candidate's time exceeds the baseline's: Mann and Whitney's test on histograms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt

from proxy.numbers.histogram import Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """One look at two arms: to report at the end of a step, never to decide by.

    `effect` is the chance that a request on the candidate takes longer than one on the baseline,
    half a tie counted; 0.5 where nothing differs. `z` is how many standard errors it lies from
    0.5, None where both arms lie in one slot and there is nothing to rank. A slow tail of a few
    percent hardly moves either.
    """

    effect: float
    z: float | None


def rank(candidate: Histogram, baseline: Histogram) -> Ranks | None:
    """Compare all requests of two arms; None where an arm has none.

    Valid for one look at a time that was fixed beforehand (statistics.md 4.2 e).
    """
    ours, theirs = candidate.count, baseline.count
    if not ours or not theirs:
        return None
    wins = below = tied = 0
    for mine, other in zip_longest(candidate.counts, baseline.counts, fillvalue=0):
        wins += mine * (2 * below + other)  # twice U, so that it stays a whole number
        below += other
        both = mine + other
        tied += both**3 - both
    together = ours + theirs
    spread = together**3 - together - tied
    effect = wins / (2 * ours * theirs)
    if not spread:
        return Ranks(effect=effect, z=None)
    error = sqrt(spread / (12 * ours * theirs * together * (together - 1)))
    return Ranks(effect=effect, z=(effect - 0.5) / error)
