"""CPU per streamed event: 200 streams, one 300-byte event each 20 ms on every one."""

from __future__ import annotations

import json

from benchmarks.process import Core, python, run
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage


def measure(bench: Bench, *, ask_usage: bool = False, tls: bool = False) -> Result:
    """Rounds, interleaved; by default the client does not ask for usage, so that crossfade asks
    for it and takes its event out again. Where the client asks, Envoy alone is compared with."""
    asked = "the client asks for usage" if ask_usage else "crossfade asks for usage and strips it"
    name = "events" + ("-asked" if ask_usage else "") + ("-tls" if tls else "")
    result = Result(
        name=name,
        title=f"CPU per streamed event, {asked}" + (", TLS to the upstream" if tls else ""),
        note=f"{bench.size.streams} streams, 300-byte events each 20 ms; late: sent to received.",
        primary="CPU µs/event",
    )
    compared = ("envoy", "crossfade") if ask_usage else bench.peers
    names = tuple(peer for peer in bench.peers if peer in compared)
    with stage(Mock.EVENTS_TLS if tls else Mock.EVENTS, names, result) as ready:
        for _ in range(bench.size.rounds):
            result.rounds.append({p: _stream(bench, ready, p, ask_usage) for p in ready.running})
    return result


def _stream(bench: Bench, ready: Stage, peer: str, ask_usage: bool) -> Figures:
    process, port = ready.running[peer]
    size = bench.size
    words = [port, size.streams, size.events_s, process.pid]
    command = python("benchmarks.load.streams", *words, *(["--ask-usage"] if ask_usage else []))
    seen = json.loads(run(command, core=Core.load, timeout_s=size.events_s + 60))
    return {
        "CPU µs/event": seen["cpu_us_per_event"],
        "events": seen["events"],
        "late p50 µs": seen["late_p50_us"],
        "late p99 µs": seen["late_p99_us"],
        "first event p50 µs": seen["first_p50_us"],
        "lost streams": seen["streams"] - seen["alive"],
    }
