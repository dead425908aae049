"""Whether a split sends each arm what its weight says: the proxy's check of itself."""

from __future__ import annotations

from math import lgamma, log, log1p


def log_e_split(candidate: float, baseline: float, weight: float) -> float:
    """Evidence, to both sides, against "each key falls to the candidate with chance `weight`".

    The counts are distinct keys of one weight epoch, not requests, since keys alone are
    independent; estimates are welcome. Evidence of several epochs adds up. The alternative is any
    other weight, all equally likely beforehand (Lindon & Malek 2022; statistics.md 4.5). Refuses
    with ValueError: negative counts, and a weight that is not between 0 and 1.
    """
    if not 0 < weight < 1:
        raise ValueError(f"a split to check has a weight between 0 and 1, not {weight}")
    if not (candidate >= 0 and baseline >= 0):
        raise ValueError(f"{candidate} and {baseline} keys")
    seen = lgamma(candidate + 1) + lgamma(baseline + 1) - lgamma(candidate + baseline + 2)
    return seen - candidate * log(weight) - baseline * log1p(-weight)
