"""The words of an arm's figures, as people read them: counts, milliseconds, USD."""

from __future__ import annotations

import msgspec


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, each at most 1 % above the measured value; None where there is none."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Token totals; `input` includes cached ones, `output` includes reasoning."""

    input: int = 0
    cached_input: int = 0
    output: int = 0
    reasoning: int = 0


class UsageStates(msgspec.Struct, frozen=True, kw_only=True):
    """How many exchanges had the provider's own usage figures, estimates, or none."""

    final: int = 0
    estimated: int = 0
    missing: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured on one arm.

    `errors` are the upstream's alone. `latency_ms` is over complete good answers, since quick
    refusals and hang-ups would flatter an arm; `ttft_ms` and `gap_ms` are over all streams.
    `cost_usd` is None until some price is known and leaves out `unpriced` exchanges. `uncounted`
    exchanges (forced arms) are in no other figure.
    """

    requests: int = 0
    errors: int = 0
    client_cancelled: int = 0
    client_errors: int = 0
    proxy_errors: int = 0
    latency_ms: Percentiles = Percentiles()
    ttft_ms: Percentiles = Percentiles()
    gap_ms: Percentiles = Percentiles()
    tokens: Tokens = Tokens()
    cost_usd: float | None = None
    unpriced: int = 0
    usage: UsageStates = UsageStates()
    uncounted: int = 0
