"""CPU per request as its body grows."""

from __future__ import annotations

from benchmarks.load import wrk
from benchmarks.payload import request_body
from benchmarks.result import Figures, Result
from benchmarks.size import KIB
from benchmarks.stage import Bench, Mock, Stage, stage

_SECONDS = 2


def measure(bench: Bench) -> Result:
    """One round over all sizes; crossfade passes bodies over 8 MiB (max_parse) unread."""
    size = min(2, bench.size.rounds)
    result = Result(
        name="bodies",
        title="CPU per request by the size of its body",
        note="µs/request; 32 connections up to 100 KiB, 4 beyond.",
        primary=_named(bench.size.bodies[-1]),
    )
    with stage(Mock.EVENTS, bench.peers, result) as ready:
        for _ in range(size):
            result.rounds.append({peer: _carry(bench, ready, peer) for peer in ready.running})
    return result


def _carry(bench: Bench, ready: Stage, peer: str) -> Figures:
    process, port = ready.running[peer]
    figures: Figures = {}
    for length in bench.size.bodies:
        body = request_body(pad=length)
        before = process.cpu_s()
        connections = 4 if length > 100 * KIB else wrk.CONNECTIONS
        carried = wrk.load(ready.folder, port, body, _SECONDS, connections=connections)
        used = process.cpu_s() - before
        figures[_named(length)] = used * 1e6 / max(1, carried.requests)
        figures["failures"] = figures.get("failures", 0) + carried.failures
    return figures


def _named(length: int) -> str:
    return f"{length // KIB} KiB" if length < KIB * KIB else f"{length // KIB // KIB} MiB"
