"""One process of the benchmark: pinned to a core, watched from /proc, ended by its id."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from benchmarks import cpu

REPOSITORY = Path(__file__).resolve().parent.parent
_READY_S = 20.0
_STOP_S = 10.0


class Core:
    """The two cores of a run: the proxy's and everything else's."""

    _allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    load = _allowed[0]
    proxy = _allowed[-1]


class Process:
    """A started process. Leaving its `with` block ends it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        core: int,
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        pinned = [*_pin(core), *command]
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                pinned,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env={**os.environ, **(environment or {})},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, port: int) -> Self:
        """Return when it accepts connections; raises with its log when it never does."""
        until = time.monotonic() + _READY_S
        while time.monotonic() < until and self._popen.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return self
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} did not listen on {port}:\n{self.tail()}")

    @property
    def pid(self) -> int:
        return self._popen.pid

    def cpu_s(self) -> float:
        """User and system seconds of the process and its children so far."""
        return cpu.cpu_s(self.pid)

    def rss(self) -> int:
        """Resident bytes of the process and its children."""
        return cpu.rss(self.pid)

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """SIGTERM, then SIGKILL where that did not end it."""
        self._popen.terminate()
        try:
            self._popen.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


def run(
    command: Sequence[str],
    *,
    core: int,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command to its end on a core and return what it printed; raises where it fails."""
    done = subprocess.run(
        [*_pin(core), *command],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise RuntimeError(f"{command[:4]} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout


def python(module: str, *arguments: object) -> list[str]:
    """The command line of one of this repository's modules."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_files_limit() -> int:
    """Raise the number of files to what is allowed, and return it; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _pin(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if shutil.which("taskset") else []
