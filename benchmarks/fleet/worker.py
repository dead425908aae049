"""A worker without traffic: the data plane's own watch on a Redis, which writes each switch down.

Every line on standard output is a version and when it was switched to, in nanoseconds of the
machine's monotonic clock.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

import uvloop

from proxy.following.watch import Watch
from proxy.policy import Snapshot
from proxy.redis.address import parse
from proxy.redis.link import Link
from proxy.source.redis import RedisSource


async def follow(url: str, name: str, folder: Path) -> None:
    """Follow until the process is ended."""
    link = Link(parse(url))
    source = RedisSource(link)
    watch = Watch(source, _switched, state_dir=folder, worker=name)
    async with source.listening():
        await watch.run()


def _switched(snapshot: Snapshot) -> None:
    print(snapshot.version, time.monotonic_ns(), flush=True)


def main() -> None:
    """`python -m benchmarks.fleet.worker URL NAME FOLDER`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(follow(given.url, given.name, given.folder))


if __name__ == "__main__":
    main()
