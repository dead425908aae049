"""One `crossfade serve` as a process of its own: started, asked, stopped, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.doubles.until import PATIENCE_S
from tests.e2e import canary
from tests.e2e.admin import Admin

ROOT = Path(__file__).parents[2]


class Crossfade:
    """A server in a folder of its own, which keeps its state from one start to the next.

    `log` is every line that it wrote since its first start. `stop` and `close` demand that no
    secret stands in its log, its state, its metrics or its admin API's answers.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, object],
        environ: Mapping[str, str] = canary.ENVIRON,
        *,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.config = config
        self.log: list[str] = []
        self.listen = self.control = ""
        self._environ = environ
        self._prefix = prefix
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._news = threading.Condition()

    @property
    def root(self) -> Path:
        """The source tree that it runs from."""
        return ROOT

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """Where applications connect."""
        return int(self.listen.rpartition(":")[2])

    @property
    def url(self) -> str:
        """The applications' base URL, without a dialect's own path."""
        return f"http://{self.listen}"

    @property
    def admin(self) -> Admin:
        """The admin API, with the right token."""
        return Admin(self.control, self._environ.get("CROSSFADE_TOKEN"))

    @property
    def state(self) -> Path:
        return self.folder / ".crossfade"

    @property
    def events(self) -> list[str]:
        """The events of the log."""
        return [json.loads(line)["event"] for line in self.log if line.startswith("{")]

    def write(self) -> Path:
        """Write its crossfade.yaml, as every start does."""
        file = self.folder / "crossfade.yaml"
        file.write_text(json.dumps(self.config, indent=1))  # JSON is YAML
        return file

    def start(self) -> None:
        """Start, and return when it serves."""
        seen = len(self.log)
        self._run()
        self.wait_for(lambda: any(map(_serving, self.events[seen:])))
        said = next(event for event in reversed(self.events) if _serving(event))
        places = dict(part.split("=", 1) for part in said.split()[1:])
        self.listen, self.control = places["traffic"], places["admin"]

    def refuse(self) -> str:
        """Start a server that must not start: what it said, after its exit code."""
        self._run()
        return f"{self.ended()}: " + "\n".join(self.log)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, and go on."""
        os.kill(self.pid, number)

    def ended(self) -> int:
        """Wait until it has ended; its exit code."""
        assert self._process is not None
        code = self._process.wait(PATIENCE_S)
        self._join()
        self._process = None
        return code

    def stop(self) -> int:
        """End it the way an operator does; its exit code."""
        check_told(self)
        self.signal(signal.SIGTERM)
        code = self.ended()
        check_kept(self)
        return code

    def kill(self) -> None:
        """End it without a warning."""
        self.signal(signal.SIGKILL)
        self.ended()

    def behead(self) -> None:
        """End the parent of workers without a warning; they go on, and go on logging."""
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(PATIENCE_S)
        self._process = None

    def close(self) -> None:
        """End it if it runs, whatever state it is in; a failed test's report has its last words."""
        last = [f"{self.folder.name}: running={self.running}", *self.log[-60:], ""]
        sys.stdout.write("\n".join(last))
        try:
            check_told(self)
        finally:
            if self.running:
                self.signal(signal.SIGTERM)
                self.ended()
        check_kept(self)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until the log lets this hold; an assertion error where it ends before."""
        with self._news:
            held = self._news.wait_for(lambda: condition() or not self._reads(), PATIENCE_S)
            assert held, self.log
            assert condition(), self.log

    def _run(self) -> subprocess.Popen[str]:
        file = self.write()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._process = subprocess.Popen(
            [*self._prefix, sys.executable, "-m", "control.cli", "serve", "-c", str(file)],
            env=kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | dict(self._environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        return self._process

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                with self._news:
                    self.log.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            if self._reader is threading.current_thread():  # else another start has its own
                self._reader = None
            self._news.notify_all()

    def _reads(self) -> bool:
        return self._reader is not None

    def _join(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: not self._reads(), PATIENCE_S)


def start_all(servers: Sequence[Crossfade]) -> None:
    """Start several at once, and return when all of them serve."""
    with ThreadPoolExecutor(len(servers)) as threads:
        for _ in threads.map(Crossfade.start, servers):
            pass


def check_told(served: Crossfade) -> None:
    """Demand that no secret stands in the log, nor in what the admin API tells."""
    places = served.admin.everything() if served.running else {}
    found = canary.leaks(places | {"log": "\n".join(served.log).encode()})
    assert not found, found


def check_kept(served: Crossfade) -> None:
    """Demand that no secret stands in a file of one that has ended, nor in its last words."""
    places = dict(canary.files(served.state))
    found = canary.leaks(places | {"log": "\n".join(served.log).encode()})
    assert not found, found


def _serving(event: str) -> bool:
    return event.startswith("serving ")
