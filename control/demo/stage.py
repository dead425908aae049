"""The demo's stage: two model APIs and `crossfade serve`, real processes in a temporary folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.request import Request, urlopen

from control.demo import files
from control.demo.model_api import TURN_BAD

LISTEN, ADMIN = 8080, 8081  # what applications and operators expect, where they are free
READY_S = 30.0
STOP_S = 10.0
LOOK_S = 0.02
ATTEMPTS = 5


class StageError(Exception):
    """A process of the demo did not start; the text says which, and the end of what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command of the command line ended."""

    status: int
    text: str


class Stage:
    """Everything that runs, from `with` to its end; a process group of its own each."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.old = self.new = ""
        self._choose(LISTEN, ADMIN)

    @property
    def url(self) -> str:
        """The applications' base URL, without a dialect's own path."""
        return f"http://{self.listen}"

    @property
    def admin_url(self) -> str:
        """The admin API."""
        return f"http://{self.admin}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every process: nothing of the caller's own crossfade."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("CROSSFADE_")}
        return {**own, **files.KEYS, "CROSSFADE_URL": self.admin_url, "NO_COLOR": "1"}

    def __enter__(self) -> Self:
        with self._open:
            folder = self._open.enter_context(TemporaryDirectory(prefix="crossfade-demo-"))
            self.folder = Path(folder)
            self.old = self._model_api("old", first_ms=40, gap_ms=12)
            self.new = self._model_api("new", first_ms=20, gap_ms=6)
            (self.folder / f"{files.NAME}.yaml").write_text(files.MIGRATION, encoding="utf-8")
            self._serve()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def crossfade(self, *words: str) -> Done:
        """Run one command of the command line against this stage."""
        done = subprocess.run(
            [sys.executable, "-m", "control.cli", *words],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Done(status=done.returncode, text=done.stdout)

    def metrics(self) -> str:
        """What /metrics says now."""
        return self.told("/metrics")

    def told(self, path: str) -> str:
        """What the admin API answers now."""
        return _read(f"{self.admin_url}{path}")

    def turn_bad(self, percent: int) -> None:
        """From now on the candidate's model API fails so many of a hundred requests."""
        asked = Request(f"{self.new}{TURN_BAD}{percent}", method="POST")
        with urlopen(asked, timeout=READY_S) as answer:
            answer.read()

    def _model_api(self, name: str, *, first_ms: int, gap_ms: int) -> str:
        pace = ["--first-ms", str(first_ms), "--gap-ms", str(gap_ms)]
        process = self._start(["-m", "control.demo.model_api", "--name", name, *pace], name)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise StageError(f"the model API {name} did not start: {self._said(name)}")
        return f"http://127.0.0.1:{json.loads(line)['port']}"

    def _choose(self, listen: int, admin: int) -> None:
        traffic = free(listen)
        self.listen = f"127.0.0.1:{traffic}"
        self.admin = f"127.0.0.1:{free(admin, but=traffic)}"

    def _serve(self) -> None:
        """Starts it, on other ports where somebody has taken one since they were chosen."""
        for _ in range(ATTEMPTS):
            if self._serves():
                return
            if "in use" not in self._said("serve"):
                break
            self._choose(0, 0)
        raise StageError(f"crossfade serve did not start: {self._said('serve')}")

    def _serves(self) -> bool:
        """Starts it once; whether it serves is told by its own log: a port may be another one's."""
        text = files.config(listen=self.listen, admin=self.admin, old=self.old, new=self.new)
        (self.folder / "crossfade.yaml").write_text(text, encoding="utf-8")
        process = self._start(["-m", "control.cli", "serve"], "serve")
        deadline = time.monotonic() + READY_S
        while '"serving ' not in self._said("serve"):
            if process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S)
        return True

    def _start(self, arguments: Sequence[str], name: str) -> subprocess.Popen[str]:
        log = self._open.enter_context((self.folder / f"{name}.log").open("w", encoding="utf-8"))
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.PIPE,  # a model API ends with this process, whatever ends it
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is for the story alone
        )
        self._open.callback(_stop, process)
        return process

    def _said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]


def free(wished: int, *, but: int = 0) -> int:
    """A port to listen on: the wished one if it is free, else any."""
    for port in (wished, 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            if found != but:
                return found
    raise StageError("no port is free on 127.0.0.1")


def _read(url: str) -> str:
    with urlopen(url, timeout=READY_S) as answer:
        text: bytes = answer.read()
    return text.decode()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
