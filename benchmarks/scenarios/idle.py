"""Streams that stand still: memory each, and how many are lost."""

from __future__ import annotations

import json

from benchmarks.process import Core, open_files_limit, python, run
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage

_SPARE = 1_000  # files that a proxy may have open for other things, kept connections above all


def measure(bench: Bench) -> Result:
    """Every peer alone, fresh, in growing steps; memory is the growth of its resident set."""
    limit = (open_files_limit() - _SPARE) // 2  # a proxy holds two sockets for each stream
    steps = tuple(dict.fromkeys(min(step, limit) for step in bench.size.idle))
    result = Result(
        name="idle",
        title="Memory per idle stream",
        note=f"Open after their first event. This machine's limit of open files allows {limit:,}.",
        primary=f"bytes/stream at {steps[-1]}",
    )
    figures: dict[str, Figures] = {}
    for peer in bench.peers:
        with stage(Mock.EVENTS, (peer,), result) as ready:
            if peer in ready.running:
                figures[peer] = _hold(ready, peer, steps)
    result.rounds.append(figures)
    return result


def _hold(ready: Stage, peer: str, steps: tuple[int, ...]) -> Figures:
    process, port = ready.running[peer]
    command = python("benchmarks.load.idle", port, ready.upstreams.old, process.pid, *steps)
    seen = json.loads(run(command, core=Core.load, timeout_s=300))
    held = {f"bytes/stream at {row['streams']}": row["bytes_per_stream"] for row in seen["steps"]}
    refused = sum(row["streams"] - row["begun"] for row in seen["steps"][-1:])
    return {**held, "refused": refused, "lost": seen["lost"]}
