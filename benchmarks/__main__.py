"""`python -m benchmarks`: run the scenarios, print their tables, write benchmarks/results/."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from benchmarks import machine, plot, report
from benchmarks.peers import PEERS
from benchmarks.process import REPOSITORY, open_files_limit
from benchmarks.result import Result
from benchmarks.scenarios import (
    bodies,
    events,
    hangups,
    idle,
    latency,
    planes,
    requests,
    rollback,
    routes,
    tick,
    weights,
)
from benchmarks.size import FULL, QUICK
from benchmarks.stage import Bench

SCENARIOS: Mapping[str, Callable[[Bench], Result]] = MappingProxyType(
    {
        "requests": requests.measure,
        "requests-tls": partial(requests.measure, tls=True),
        "events": events.measure,
        "events-asked": partial(events.measure, ask_usage=True),
        "events-tls": partial(events.measure, tls=True),
        "latency": latency.measure,
        "idle": idle.measure,
        "hangups": hangups.measure,
        "bodies": bodies.measure,
        "routes": routes.measure,
        "planes": planes.measure,
        "rollback": rollback.measure,
        "weights": weights.measure,
        "tick": tick.measure,
    }
)


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts: a smoke test")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, help="in place of the size's own number")
    parser.add_argument("--name", help="of the files in benchmarks/results")
    given = parser.parse_args()
    open_files_limit()
    size = QUICK if given.quick else FULL
    size = replace(size, rounds=given.rounds or size.rounds)
    bench = Bench(size=size, peers=tuple(given.peers))
    facts, results = machine.describe(), []
    folder, name = REPOSITORY / "benchmarks" / "results", given.name or size.name
    for scenario in given.only:
        results.append(SCENARIOS[scenario](bench))
        print(report.text(results[-1]), flush=True)
        report.write(folder, name, facts, results)
    plot.draw(folder / f"{name}.png", results)


if __name__ == "__main__":
    main()
