"""A redis-server on a free port, in memory alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks.process import Core, Process, free_port


def start(folder: Path) -> tuple[Process, str]:
    """Start it on the load's core; its process and its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = Process("redis", command, core=Core.load, folder=folder)
    return process.wait_for(port), f"redis://127.0.0.1:{port}"
