"""The stage of a scenario: a mock model API and the peers before it, started and ended together."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks import certificates, peers
from benchmarks.mocks import plain
from benchmarks.mocks.plain import Upstreams
from benchmarks.process import REPOSITORY, Core, Process, free_port, python
from benchmarks.result import Result
from benchmarks.size import Size


class Mock(Enum):
    """Which model API stands behind the peers."""

    PLAIN = 1
    PLAIN_TLS = 2
    EVENTS = 3
    EVENTS_TLS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the command line asked for."""

    size: Size
    peers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What runs, and where."""

    folder: Path
    upstreams: Upstreams
    running: dict[str, peers.Running]


@contextlib.contextmanager
def stage(mock: Mock, names: tuple[str, ...], result: Result) -> Iterator[Stage]:
    """Start the mock and every named peer; one that does not start is noted as absent."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossfade-bench-")))
        folder.chmod(0o755)  # nginx's worker is another user
        upstreams = _mock(mock, folder, stack)
        running = {}
        for name in names:
            try:
                running[name] = peers.start(name, folder, upstreams)
            except (OSError, RuntimeError) as why:
                result.absent[name] = str(why).strip()[-300:]
                continue
            stack.callback(running[name].process.stop)
        yield Stage(folder=folder, upstreams=upstreams, running=running)


def _mock(mock: Mock, folder: Path, stack: contextlib.ExitStack) -> Upstreams:
    trusted = None
    if mock in (Mock.PLAIN_TLS, Mock.EVENTS_TLS):
        trusted = certificates.issue(folder)
    if mock in (Mock.EVENTS, Mock.EVENTS_TLS):
        ports = free_port(), free_port()
        secured = ["--ca-folder", trusted] if trusted else []
        command = python("benchmarks.mocks.events", *ports, *secured)
        found = {"PYTHONPATH": str(REPOSITORY)}
        process = Process("events", command, core=Core.load, folder=folder, environment=found)
        stack.callback(process.stop)
        process.wait_for(ports[1])
        authority = trusted / "ca.pem" if trusted else None
        return Upstreams(old=ports[0], new=ports[1], ca_file=authority)
    process, upstreams = plain.start(folder, trusted)
    stack.callback(process.stop)
    return upstreams
