"""A good exchange, for tests that change only what they are about."""

from __future__ import annotations

from typing import Any

from proxy.exchange import Exchange, Outcome, Role, Usage, UsageState, blame_of
from proxy.policy import ArmName, Dialect

USAGE = Usage(input=100, cached_input=40, cache_write=10, output=20, reasoning=5)


def exchange(outcome: Outcome = Outcome.OK, **changes: object) -> Exchange:
    """A primary exchange of migration `triage` on its candidate; `changes` replace members."""
    members: dict[str, Any] = {
        "id": b"0" * 32,
        "migration": "triage",
        "arm": ArmName.CANDIDATE,
        "dialect": Dialect.OPENAI,
        "role": Role.PRIMARY,
        "version": 7,
        "outcome": outcome,
        "blame": blame_of(outcome),
        "status": 200,
        "counts": True,
        "total_us": 800_000,
        "first_token_us": 200_000,
        "overhead_us": 50,
        "usage": USAGE,
        "usage_state": UsageState.FINAL,
        "model": "gpt-4o-mini",
        "cost_picousd": 3_000_000,
    }
    return Exchange(**(members | changes))
