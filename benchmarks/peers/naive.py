"""The aiohttp proxy of benchmarks/peers/aiohttp_proxy.py, on uvloop."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.process import REPOSITORY, Core, Process, free_port, python


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process."""
    port = free_port()
    urls = [f"{upstreams.scheme}://localhost:{at}" for at in (upstreams.old, upstreams.new)]
    trusted = ["--ca-file", upstreams.ca_file] if upstreams.ca_file else []
    command = python("benchmarks.peers.aiohttp_proxy", port, *urls, *trusted)
    found = {"PYTHONPATH": str(REPOSITORY)}
    process = Process("aiohttp", command, core=Core.proxy, folder=folder, environment=found)
    return process.wait_for(port), port
