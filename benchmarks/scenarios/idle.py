"""Streams that stand still: memory each, and how many are lost."""

from __future__ import annotations

import json

from benchmarks.fleet import redis
from benchmarks.peers import Running, crossfade
from benchmarks.process import Core, open_files_limit, python, run
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage
from proxy.carrying.descriptors import A_STREAM, OTHERS

_SPARE = 1_000  # files that a proxy may have open for other things, kept connections above all
_WORKERS = 2


def measure(bench: Bench) -> Result:
    """Every peer alone, fresh, in growing steps; memory is the growth of its resident set."""
    files = open_files_limit()
    result = Result(
        name="idle",
        title="Memory per idle stream",
        note=f"Open after their first event, at most {bench.size.idle[-1]:,}. One process may have "
        f"{files:,} files open here. A stream takes two; crossfade leaves half of another for "
        "clients that are idle.",
        primary=f"bytes/stream at {bench.size.idle[-2]}",
    )
    figures: dict[str, Figures] = {}
    for peer in bench.peers:
        with stage(Mock.EVENTS, (peer,), result) as ready:
            if peer in ready.running:
                steps = _up_to(_fitting(peer, files), bench)
                figures[peer] = _hold(ready, ready.running[peer], steps)
    if "crossfade" in bench.peers:
        with stage(Mock.EVENTS, (), result) as ready:
            figures[f"crossfade, {_WORKERS} workers"] = _hold_by_workers(ready, bench, files)
    result.rounds.append(figures)
    return result


def _fitting(peer: str, files: int) -> int:
    if peer in ("crossfade", "interpreted"):
        return int((files - OTHERS) / A_STREAM)
    return (files - _SPARE) // 2


def _up_to(most: int, bench: Bench) -> list[int]:
    return list(dict.fromkeys(min(step, most) for step in bench.size.idle))


def _hold_by_workers(ready: Stage, bench: Bench, files: int) -> Figures:
    """The memory of all processes: the workers and their parent."""
    database, store = redis.start(ready.folder)
    with database:
        served = crossfade.start_workers(ready.folder, ready.upstreams, store, _WORKERS)
        with served.process:
            steps = _up_to(_WORKERS * _fitting("crossfade", files), bench)
            return _hold(ready, Running(served.process, served.port), steps)


def _hold(ready: Stage, running: Running, steps: list[int]) -> Figures:
    process, port = running
    command = python("benchmarks.load.idle", port, ready.upstreams.old, process.pid, *steps)
    seen = json.loads(run(command, core=Core.load, timeout_s=300))
    *earlier, last = seen["steps"]
    held = {f"bytes/stream at {row['streams']}": row["bytes_per_stream"] for row in earlier}
    return {
        **held,
        "most": last["streams"],
        "bytes/stream at most": last["bytes_per_stream"],
        "refused": last["streams"] - last["begun"],
        "lost": seen["lost"],
    }
