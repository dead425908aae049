"""Setting the weight again and again while streams run: none is lost, and no request fails."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from benchmarks.fleet import redis
from benchmarks.fleet.desk import Desk
from benchmarks.load.asking import percentile
from benchmarks.payload import PATH, request_body
from benchmarks.peers import crossfade
from benchmarks.peers.crossfade import Served
from benchmarks.process import Core, python, run
from benchmarks.result import Figures, Result
from benchmarks.stage import Bench, Mock, Stage, stage

_STEPS = 6  # each keeps the streams open for two seconds more
_REQUESTS = 5  # after each change


def measure(bench: Bench) -> Result:
    """One crossfade on Redis, with open streams, and requests beside them."""
    result = Result(
        name="weights",
        title=f"Setting the weight while {bench.size.held:,} streams run",
        note=f"{bench.size.weighings} changes, in ms until all live workers served each; "
        f"{_REQUESTS} requests after each; every stream was then read to its end. Redis.",
        primary="set p99",
    )
    with stage(Mock.EVENTS, (), result) as ready:
        database, url = redis.start(ready.folder)
        with database:
            served = crossfade.start_on(ready.folder, ready.upstreams, url)
            with served.process:
                result.rounds.append({"crossfade": _weighed(bench, ready, served)})
    return result


def _weighed(bench: Bench, ready: Stage, served: Served) -> Figures:
    steps = [bench.size.held + more for more in range(_STEPS)]
    words = (served.port, ready.upstreams.old, served.process.pid, *steps)
    with ThreadPoolExecutor(1) as pool:
        command = python("benchmarks.load.idle", *words)
        holding = pool.submit(run, command, core=Core.load, timeout_s=300)
        took, failed, changes = [], 0, 0
        desk = Desk(served.admin)
        while changes < bench.size.weighings or not holding.done():
            done = desk.do("set-weight", percent=10 if changes % 2 else 50)
            took.append(done.acknowledged_ms or float("inf"))
            failed += _failures(served.port)
            changes += 1
        desk.close()
        seen = json.loads(holding.result())
    took.sort()
    begun = seen["steps"][-1]
    return {
        "set p50": percentile(took, 50),
        "set p99": percentile(took, 99),
        "changes": changes,
        "streams": begun["begun"],
        "streams lost": seen["lost"],
        "requests": changes * _REQUESTS,
        "requests failed": failed,
    }


def _failures(port: int) -> int:
    """How many of a few requests were not answered with 200."""
    failed = 0
    for _ in range(_REQUESTS):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "x-plain": "1"}
        try:
            connection.request("POST", PATH, request_body(), headers)
            answer = connection.getresponse()
            answer.read()
            failed += answer.status != 200
        except OSError:
            failed += 1
        finally:
            connection.close()
    return failed
