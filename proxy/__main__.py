"""`python -m proxy SETTINGS`: the data plane alone, against a store; nothing of control is needed.

The settings are what `crossfade settings` prints; `-` reads them from standard input.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import uvloop

from proxy.errors import Invalid
from proxy.redis.address import Address
from proxy.running import alone, journal
from proxy.running.build import Parts
from proxy.running.process import stop_event
from proxy.running.seconded import ALONE_S, Inherited, inherit
from proxy.running.settings import MAX_SETTINGS, Settings, decode


def main() -> None:
    """Serves until SIGTERM; ends with 1 where it cannot start, saying why on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m proxy",
        description="Runs the data plane alone against a store.",
        epilog="crossfade settings -c crossfade.yaml | python -m proxy -",
    )
    parser.add_argument(
        "settings", help="a file with what `crossfade settings` prints; - is standard input"
    )
    parser.add_argument("--host-link", type=int, help=argparse.SUPPRESS)  # a parent's sockets
    parser.add_argument("--listen-fds", default="", help=argparse.SUPPRESS)
    parser.add_argument("--alone-for", type=float, default=ALONE_S, help=argparse.SUPPRESS)
    given = parser.parse_args()
    journal.start(time.monotonic)
    try:
        settings = decode(_read(given.settings))
        inherited = None
        if given.host_link is not None:
            folder = Path(settings.state_dir)
            inherited = inherit(given.host_link, given.listen_fds, folder, given.alone_for)
        parts, store = alone.parts(settings, os.environ), alone.redis(settings, os.environ)
        uvloop.run(_serve(settings, parts, inherited, store))
    except (Invalid, OSError) as error:
        parser.exit(1, f"Error: not started: {error}\n")


async def _serve(
    settings: Settings, parts: Parts, inherited: Inherited | None, store: Address | None
) -> None:
    await alone.serve(settings, parts, stop_event(), inherited, store=store)


def _read(place: str) -> bytes:
    if place == "-":
        return sys.stdin.buffer.read(MAX_SETTINGS + 1)
    with open(place, "rb") as file:
        return file.read(MAX_SETTINGS + 1)


if __name__ == "__main__":
    main()
