"""What measuring, Redis and the control plane cost a request, over the data plane alone."""

from __future__ import annotations

from benchmarks.fleet import redis
from benchmarks.load import wrk
from benchmarks.payload import request_body
from benchmarks.peers import crossfade
from benchmarks.process import Process
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage

_BARE, _WHOLE = "data plane alone", "all on, with Redis"


def measure(bench: Bench) -> Result:
    """Rounds, interleaved; the second row is also a percentage of the first."""
    result = Result(
        name="planes",
        title="CPU per request with measuring, Redis and the control loop in the process",
        note="As in the first scenario. Alone: no flush, no admin API, no control loop.",
        primary="CPU µs/request",
    )
    with stage(Mock.PLAIN, (), result) as ready:
        bare, whole = ready.folder / "bare", ready.folder / "whole"
        bare.mkdir()
        whole.mkdir()
        database, url = redis.start(ready.folder)
        alone, port = crossfade.start_bare(bare, ready.upstreams)
        with database, alone:
            served = crossfade.start_on(whole, ready.upstreams, url)
            with served.process:
                for _ in range(bench.size.rounds):
                    first = _carry(bench, ready, alone, port)
                    second = _carry(bench, ready, served.process, served.port)
                    ratio = second["CPU µs/request"] / first["CPU µs/request"]
                    second["% of alone"] = 100 * ratio
                    result.rounds.append({_BARE: first, _WHOLE: second})
    return result


def _carry(bench: Bench, ready: Stage, process: Process, port: int) -> Figures:
    wrk.load(ready.folder, port, request_body(), 1)
    before = process.cpu_s()
    carried = wrk.load(ready.folder, port, request_body(), bench.size.requests_s)
    used = process.cpu_s() - before
    return {
        "CPU µs/request": used * 1e6 / max(1, carried.requests),
        "requests/s": carried.per_second,
        "failures": carried.failures,
    }
