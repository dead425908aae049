"""What is promised of an arm before anything is known of it."""

from __future__ import annotations

import msgspec

from proxy.numbers.arm_figures import Figures

# interfaces.md: what `get NAME -o json` holds at least, of an arm.
PROMISED = {
    "requests": 0,
    "errors": 0,
    "client_cancelled": 0,
    "latency_ms": {"p50": None, "p95": None, "p99": None},
    "ttft_ms": {"p50": None, "p95": None, "p99": None},
    "tokens": {"input": 0, "cached_input": 0, "output": 0, "reasoning": 0},
    "cost_usd": None,
    "usage": {"final": 0, "estimated": 0, "missing": 0},
}


def test_counts_begin_at_nothing_and_what_is_not_known_is_null() -> None:
    assert PROMISED.items() <= msgspec.to_builtins(Figures()).items()
