"""CPU per request as the number of migrations grows: crossfade alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks.load import wrk
from benchmarks.mocks.plain import Upstreams
from benchmarks.payload import request_body
from benchmarks.peers import crossfade
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, stage


def measure(bench: Bench) -> Result:
    """A fresh process for each number; the request's own route stands in the middle."""
    result = Result(
        name="routes",
        title="CPU per request by the number of migrations",
        note="µs/request, and the process's resident MiB; every migration has its own model.",
        primary=_named(bench.size.routes[-1]),
    )
    if "crossfade" not in bench.peers:
        return result
    for _ in range(min(2, bench.size.rounds)):
        with stage(Mock.PLAIN, (), result) as ready:
            figures: Figures = {}
            for count in bench.size.routes:
                figures |= _carry(bench, ready.folder, ready.upstreams, count)
            result.rounds.append({"crossfade": figures})
    return result


def _carry(bench: Bench, folder: Path, upstreams: Upstreams, count: int) -> Figures:
    own = folder / f"routes-{count}"
    own.mkdir()
    process, port = crossfade.start_with_routes(own, upstreams, count)
    with process:
        wrk.load(own, port, request_body(), 1)
        before = process.cpu_s()
        carried = wrk.load(own, port, request_body(), bench.size.requests_s)
        used = process.cpu_s() - before
        return {
            _named(count): used * 1e6 / max(1, carried.requests),
            f"MiB at {count:,}": process.rss() / 2**20,
            "failures": carried.failures,
        }


def _named(count: int) -> str:
    return f"{count:,} routes"
