"""The data plane with its counters and nothing else: no flush, no admin API, no control loop.

What the rest costs is measured against it: `python -m benchmarks.bare SETTINGS`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import uvloop

from proxy.following.sourced import sourced
from proxy.following.watch import Watch
from proxy.running.alone import parts
from proxy.running.build import build
from proxy.running.process import running, settle, stop_event, until_drained, worker_name
from proxy.running.settings import Settings, decode


async def serve(settings: Settings) -> None:
    """Serve from the store in the settings' directory until SIGTERM."""
    stop = stop_event()
    built = build(parts(settings, os.environ))
    folder = Path(settings.state_dir)
    async with sourced(folder, None) as (source, _):
        watch = Watch(source, built.plane.swap, state_dir=folder, worker=worker_name())
        async with running(built, watch, settings.listen):
            settle()
            await until_drained(built, stop)


def main() -> None:
    """The settings are what `crossfade settings` prints."""
    settings = decode(Path(sys.argv[1]).read_bytes())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


if __name__ == "__main__":
    main()
