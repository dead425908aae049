"""A million short requests, a fifth of them hung up on: does memory stay flat?"""

from __future__ import annotations

import json

from benchmarks.process import Core, python, run
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage

_WARM = 0.2  # the share of the requests before the slope is taken


def measure(bench: Bench) -> Result:
    """crossfade alone: the slope of its resident set over the requests after the warm-up."""
    size = bench.size
    result = Result(
        name="hangups",
        title=f"{size.hangups:,} requests, 20 % hung up on",
        note=f"Least squares after the first {_WARM:.0%}; stops after {size.limit_s:.0f} s.",
        primary="bytes/1,000 requests",
    )
    names = tuple(peer for peer in bench.peers if peer == "crossfade") or bench.peers[:1]
    with stage(Mock.EVENTS, names, result) as ready:
        result.rounds.append({peer: _carry(bench, ready, peer) for peer in ready.running})
    return result


def _carry(bench: Bench, ready: Stage, peer: str) -> Figures:
    process, port = ready.running[peer]
    size = bench.size
    words = [port, size.hangups, size.limit_s, process.pid]
    command = python("benchmarks.load.hangups", *words)
    seen = json.loads(run(command, core=Core.load, timeout_s=size.limit_s + 60))
    samples = [(done, held) for done, held in seen["samples"] if done > seen["requests"] * _WARM]
    return {
        "requests": seen["requests"],
        "hung up on": seen["hung_up"],
        "failures": seen["failed"],
        "seconds": seen["seconds"],
        "bytes/1,000 requests": slope(samples) * 1000,
        "MiB at the end": samples[-1][1] / 2**20,
    }


def slope(samples: list[tuple[int, int]]) -> float:
    """Bytes per request, by least squares."""
    count = len(samples)
    across = sum(done for done, _ in samples) / count
    up = sum(held for _, held in samples) / count
    spread = sum((done - across) ** 2 for done, _ in samples)
    return sum((done - across) * (held - up) for done, held in samples) / spread if spread else 0.0
