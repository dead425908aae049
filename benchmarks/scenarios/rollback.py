"""How long a rollback takes to the last worker's switch, on a Redis on the same host."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from benchmarks.fleet import redis
from benchmarks.fleet.desk import Desk
from benchmarks.load.asking import percentile
from benchmarks.peers import crossfade
from benchmarks.process import REPOSITORY, Core, Process, python
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, stage

_PATIENCE_S = 60.0
_SETTLE_S = 2.0


def measure(bench: Bench) -> Result:
    """For each number of workers so many rollbacks, each undone before the next one."""
    result = Result(
        name="rollback",
        title="Rollback, to the last worker's switch",
        note=f"{bench.size.rollbacks} rollbacks over the admin API, ms from the call; Redis, "
        "crossfade and the workers (processes that run the real watch) share two cores.",
        primary="switched p99",
    )
    with stage(Mock.PLAIN, (), result) as ready:
        figures = {}
        for workers in bench.size.workers:
            own = ready.folder / f"workers-{workers}"
            own.mkdir()
            with contextlib.ExitStack() as stack:
                database, url = redis.start(own)
                stack.callback(database.stop)
                served = crossfade.start_on(own, ready.upstreams, url)
                stack.callback(served.process.stop)
                fleet = [stack.enter_context(_worker(own, url, one)) for one in range(workers)]
                figures[f"{workers} workers"] = _rolled_back(bench, served.admin, fleet)
        result.rounds.append(figures)
    return result


def _worker(folder: Path, url: str, number: int) -> Process:
    state = folder / f"state-{number}"
    command = python("benchmarks.fleet.worker", url, f"light:{number}", state)
    core = Core.load if number % 2 else Core.proxy
    environment = {"PYTHONPATH": f"{crossfade.HOME}:{REPOSITORY}"}
    return Process(f"worker-{number}", command, core=core, folder=folder, environment=environment)


def _rolled_back(bench: Bench, admin: int, fleet: list[Process]) -> Figures:
    desk = Desk(admin)
    until = time.monotonic() + _PATIENCE_S
    while desk.live() < len(fleet) + 1:
        if time.monotonic() > until:
            raise RuntimeError(f"{desk.live()} of {len(fleet) + 1} workers are there")
        time.sleep(0.1)
    time.sleep(_SETTLE_S)
    asked: dict[int, int] = {}
    told: list[float] = []
    for _ in range(bench.size.rollbacks):
        desk.do("set-weight", percent=10)
        began = time.monotonic_ns()
        done = desk.do("rollback")
        asked[done.version] = began
        told.append(done.acknowledged_ms or float("inf"))
        desk.do("retry")
    desk.close()
    switched = sorted(_last_switches(asked, fleet))
    told.sort()
    return {
        **{f"switched p{p}": percentile(switched, p) for p in (50, 99)},
        **{f"told p{p}": percentile(told, p) for p in (50, 99)},
        "missed": len(asked) - len(switched),
    }


def _last_switches(asked: dict[int, int], fleet: list[Process]) -> list[float]:
    """Milliseconds from each call until the last of all workers had switched to its version."""
    seen = [_switches(worker) for worker in fleet]
    return [
        max(of[version] - began for of in seen) / 1e6
        for version, began in asked.items()
        if all(version in of for of in seen)
    ]


def _switches(worker: Process) -> dict[int, int]:
    """When the worker switched to each version; one that it skipped has its successor's time."""
    lines = [line.split() for line in worker.log.read_text().splitlines()]
    found = {int(line[0]): int(line[1]) for line in lines if len(line) == 2 and line[0].isdigit()}
    after = None
    for version in range(max(found, default=0), 0, -1):
        after = found.get(version, after)
        if after is not None:
            found[version] = after
    return found
