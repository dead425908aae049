"""How a migration's budget of false alarms is shared out over its limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from control.words.criteria import Limit, Metric

# Every request tells of failures and of time, most of cost; and what those two find must be found
# soon. So a limit on one of the rest gets half as much (statistics.md 4.6, rule 4).
FULL, HALF = 2, 1
_HALVED = frozenset(
    {Metric.TRUNCATION_RATE, Metric.COST_PER_REQUEST, Metric.TOKENS_PER_REQUEST, Metric.QUALITY}
)


def weight(limit: Limit) -> int:
    """How many parts of the budget one limit gets."""
    return HALF if limit.metric in _HALVED else FULL


def parts(limits: Iterable[Limit]) -> int:
    """How many parts the budget is cut into."""
    return sum(weight(limit) for limit in limits)


def shares(limits: Iterable[Limit], alpha: float) -> Mapping[str, float]:
    """Each limit's own chance of a false alarm, by its key; together they are `alpha`.

    The chance that any of them ever alarms falsely is their sum at most (Bonferroni), whatever
    they have in common. Limits that only warn take part: their false alarms are alarms too.
    """
    known = tuple(limits)
    whole = parts(known)
    return {limit.key: alpha * weight(limit) / whole for limit in known}
