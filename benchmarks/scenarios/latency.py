"""The time that a proxy adds at a fixed rate, far below its limit."""

from __future__ import annotations

import json

from benchmarks.process import Core, python, run
from benchmarks.result import Result
from benchmarks.stage import Bench, Mock, stage


def measure(bench: Bench) -> Result:
    """In each round the mock is asked directly too; a percentile's difference is what was added."""
    size = bench.size
    result = Result(
        name="latency",
        title=f"Added latency at {size.rate} requests/s",
        note="Open loop over 64 kept connections; through the proxy less directly to the mock.",
        primary="added p99 µs",
    )
    with stage(Mock.PLAIN, bench.peers, result) as ready:
        for _ in range(size.rounds):
            direct = _ask(bench, ready.upstreams.old)
            result.rounds.append(
                {"(direct)": {"p50 µs": direct["p50_us"], "p99 µs": direct["p99_us"]}}
            )
            for peer, (_, port) in ready.running.items():
                seen = _ask(bench, port)
                result.rounds[-1][peer] = {
                    "p50 µs": seen["p50_us"],
                    "p99 µs": seen["p99_us"],
                    "added p50 µs": seen["p50_us"] - direct["p50_us"],
                    "added p99 µs": seen["p99_us"] - direct["p99_us"],
                    "failures": seen["failed"] + seen["unsent"] + seen["sent"] - seen["answered"],
                }
    return result


def _ask(bench: Bench, port: int) -> dict[str, float]:
    size = bench.size
    command = python("benchmarks.load.rate", port, size.rate, size.rate_s)
    seen: dict[str, float] = json.loads(run(command, core=Core.load, timeout_s=size.rate_s + 60))
    return seen
