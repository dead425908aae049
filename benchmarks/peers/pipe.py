"""The bare pipe of benchmarks/peers/uvloop_pipe.py: the floor of anything on uvloop."""

from __future__ import annotations

from pathlib import Path

from benchmarks.mocks.plain import Upstreams
from benchmarks.process import REPOSITORY, Core, Process, free_port, python


def start(folder: Path, upstreams: Upstreams) -> tuple[Process, int]:
    """Start one process."""
    port = free_port()
    trusted = ["--ca-file", upstreams.ca_file] if upstreams.ca_file else []
    url = f"{upstreams.scheme}://localhost:{upstreams.old}"
    command = python("benchmarks.peers.uvloop_pipe", port, url, *trusted)
    found = {"PYTHONPATH": str(REPOSITORY)}
    process = Process("pipe", command, core=Core.proxy, folder=folder, environment=found)
    return process.wait_for(port), port
