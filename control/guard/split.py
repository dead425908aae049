"""The split's self-check: whether keys fall to the arms as the weight says (4.5)."""

from __future__ import annotations

from collections.abc import Sequence

from control.guard import amounts
from control.stats.logarithms import threshold
from control.stats.split import log_e_split
from control.words.evidence import Keys
from proxy.policy import WHOLE

# Beside the migration's budget: nothing that it says moves a weight by itself.
ALPHA = 0.001


def suspect(keys: Sequence[Keys], since: int) -> str | None:
    """What speaks against the split in any weight epoch from `since` on, None where nothing does.

    Counts distinct keys, since one heavy user's requests all go one way. A healthy split is
    suspected with chance 0.1 % at most in each epoch.
    """
    for each in keys:
        found = _suspect(each) if each.epoch >= since and 0 < each.share < WHOLE else None
        if found is not None:
            return found
    return None


def _suspect(keys: Keys) -> str | None:
    weight = keys.share / WHOLE
    log_e = log_e_split(keys.candidate, keys.baseline, weight)
    if log_e < threshold(ALPHA):
        return None
    together = keys.candidate + keys.baseline
    return (
        f"The split is not as it was set: {keys.candidate:,.0f} of {together:,.0f} sampled keys "
        f"({amounts.percent(keys.candidate / together)}) went to the candidate at a weight of "
        f"{amounts.percent(weight)}; by chance this happens {amounts.odds(log_e)}."
    )
