"""What a step still waits for before the ramp goes on; its approval is asked for last of all."""

from __future__ import annotations

from collections.abc import Sequence

from control.migration.ledger import Entry
from control.migration.moment import lasting
from control.migration.progress import Progress, Stage
from control.words.criteria import Limit, OnFail
from control.words.steps import Step
from control.words.verdict import Standing, Verdict
from proxy.policy import WHOLE


def unmet(entry: Entry, verdict: Verdict, now_s: float) -> tuple[str, ...]:
    """Everything that is missing, in words; empty where nothing is, or no step is under way.

    At weight 0 nobody can ask for the candidate's requests, so its hold is all that is asked.
    """
    progress, step = entry.progress, entry.step
    if progress is None or step is None:
        return ()
    asked = [_hold(progress.held(now_s), step), *_frozen(progress)]
    if step.in_force:
        asked.append(_requests(verdict.requests, entry.course.min_requests))
        asked += [verdict.spared, verdict.silent and f"every worker to report ({verdict.silent})"]
        asked += _limits(_binding(entry), progress, verdict)
    return tuple(each for each in asked if each is not None)


def _hold(held_s: float, step: Step) -> str | None:
    word = "soak" if step.soak else "hold"
    return f"{lasting(step.hold_s - held_s)} of its {word}" if held_s < step.hold_s else None


def _frozen(progress: Progress) -> list[str]:
    return [f"'{each.limit}' to be dismissed or due" for each in progress.open_breaches]


def _requests(seen: int, needed: int) -> str | None:
    return f"{seen:,} of {needed:,} requests" if seen < needed else None


def _binding(entry: Entry) -> list[Limit]:
    """The limits that a step has to keep: not those that only warn; at 100 % no relative ones."""
    alone = entry.step is not None and entry.step.in_force == WHOLE
    return [
        limit
        for limit in entry.course.limits
        if limit.on_fail is not OnFail.WARN and not (alone and limit.side.relative)
    ]


def _limits(binding: Sequence[Limit], progress: Progress, verdict: Verdict) -> list[str]:
    """Limits that fail, and those that lack data; a dismissed one was a person's to let pass."""
    let_pass = {each.limit for each in progress.breaches if each.stage is Stage.DISMISSED}
    found = {each.limit.key: each.standing for each in verdict.judgements}
    asked = [limit.key for limit in binding if limit.key not in let_pass]
    failing = [key for key in asked if found.get(key) is Standing.FAIL]
    lacking = [key for key in asked if found.get(key) in (None, Standing.INCONCLUSIVE)]
    return [
        f"{what} '" + "', '".join(keys) + "'"
        for what, keys in (("an end to the breach of", failing), ("more data for", lacking))
        if keys
    ]
