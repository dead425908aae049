"""A real redis-server on a free port of 127.0.0.1, in a folder of its own."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

BINARY = shutil.which("redis-server") or "redis-server"
ATTEMPTS = 5


class RedisServer:
    """Runs while it is entered; `options` are further lines of its configuration.

    It may be killed and started again on its port. What it holds is on no disk unless the options
    say so.
    """

    def __init__(self, folder: Path, *options: str, sentinel: bool = False) -> None:
        self.port = 0
        self._folder = folder
        self._options = options
        self._sentinel = sentinel
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def socket(self) -> Path:
        """Its unix socket."""
        return self._folder / "redis.sock"

    def __enter__(self) -> Self:
        for _ in range(ATTEMPTS):
            self.port = free_port()
            try:
                self.start()
            except RuntimeError:  # somebody took the port in between
                continue
            return self
        raise RuntimeError("redis-server does not start")

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when it accepts connections; raises RuntimeError with what it said before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "redis.conf"
        if not (self._sentinel and path.exists()):  # a Sentinel rewrites its own
            path.write_text("\n".join(self._lines()) + "\n")
        command = [BINARY, str(path), *(["--sentinel"] if self._sentinel else [])]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._await_ready(self._process)

    def kill(self) -> None:
        """As a crash would."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def pause(self) -> None:
        """Answers nothing from here on, and keeps every connection."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def cli(self, *words: str | bytes) -> bytes:
        """What `redis-cli` prints; for the other side of a test."""
        command = ["redis-cli", "-p", str(self.port), *words]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=10).stdout

    def _lines(self) -> list[str]:
        common = ["bind 127.0.0.1", f"dir {self._folder}", "logfile ''", "daemonize no"]
        if self._sentinel:
            return [*common, f"port {self.port}", *self._options]
        quiet = ["save ''", "appendonly no", f"unixsocket {self.socket}"]
        return [*common, f"port {self.port}", *quiet, *self._options]

    def _await_ready(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if "Ready to accept connections" in line or "Sentinel ID is" in line:
                return
        process.wait()
        process.stdout.close()
        self._process = None
        raise RuntimeError("".join(said))


def free_port() -> int:
    """A port that nobody listens on now, nor later by chance: none that systems give away."""
    draw = random.SystemRandom()  # tests beside this one draw the same numbers from the other one
    while True:
        port = draw.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
