"""Does what a page tells its reader to do, in a fresh folder: commands, files, programs.

Nothing leaves the machine: the provider's address is replaced by a model API on loopback, and the
published ports by free ones.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from control.demo.stage import free
from scripts.readme_blocks import Block

PROVIDER = "https://api.openai.com"
PUBLISHED = ("127.0.0.1:8080", "127.0.0.1:8081")
CROSSFADE = (sys.executable, "-m", "control.cli")
OWN = range(10_000, 32_000)  # ports that no system gives to others meanwhile
PATIENCE_S = 60.0


class Astray(Exception):
    """An example does not do what its page says."""


class Walk:
    """A reader who types everything; to be used in `with`."""

    def __init__(self, makes: set[str]) -> None:
        self._makes = makes
        self._open = ExitStack()

    def __enter__(self) -> Self:
        folder = TemporaryDirectory(prefix="crossfade-readme-")
        self._folder = Path(self._open.enter_context(folder))
        ready = self._background(
            [sys.executable, "-m", "control.demo.model_api", "--name", "readme"]
        )
        own = [f"127.0.0.1:{free(port)}" for port in random.SystemRandom().sample(OWN, 2)]
        self._swaps = dict(zip(PUBLISHED, own, strict=True))
        self._swaps[PROVIDER] = f"http://127.0.0.1:{json.loads(ready)['port']}"
        self._admin = f"http://{own[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def follow(self, block: Block) -> int:
        """Does one block; how many things it did. Raises Astray."""
        match block.language:
            case "console":
                for command in block.commands:
                    self._type(command)
                return len(block.commands)
            case "python":
                self._run([sys.executable, "-c", self._swapped(block.text)])
                return 1
            case "yaml" if block.file:
                (self._folder / block.file).write_text(block.text, encoding="utf-8")
                self._run([*CROSSFADE, "lint", "crossfade.yaml", block.file])
                return 1
            case other:
                raise Astray(f"a block of {other}, which nothing here can check")

    def _type(self, command: str) -> None:
        match shlex.split(self._swapped(command)):
            case ["make", target] if target in self._makes:
                return  # CI runs each of them by itself
            case ["crossfade", *words, "&"]:
                self._serve(words)
            case ["crossfade", *words]:
                self._run([*CROSSFADE, *words])
                self._keep_local()
            case ["curl", url]:
                _fetch(url)
            case _:
                raise Astray(f"$ {command}: nobody knows this command")

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(
            words,
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr)[-1000:]
            raise Astray(f"exit code {done.returncode} of {shlex.join(words[2:])}: {said}")

    def _serve(self, words: list[str]) -> None:
        self._background([*CROSSFADE, *words], wait=False)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return _fetch(f"{self._admin}/readyz")
            except (URLError, Astray) as error:
                if time.monotonic() > deadline:
                    raise Astray(f"crossfade {shlex.join(words)} does not get ready") from error
                time.sleep(0.05)

    def _background(self, words: list[str], *, wait: bool = True) -> str:
        process = subprocess.Popen(
            words,
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._open.callback(process.communicate)
        self._open.callback(process.terminate)
        assert process.stdout is not None
        return process.stdout.readline() if wait else ""

    def _keep_local(self) -> None:
        """Turns the starter's addresses to this machine, before anything is served by them."""
        config = self._folder / "crossfade.yaml"
        config.write_text(self._swapped(config.read_text(encoding="utf-8")), encoding="utf-8")

    def _swapped(self, text: str) -> str:
        for published, own in self._swaps.items():
            text = text.replace(published, own)
        return text

    @property
    def _environ(self) -> Mapping[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("CROSSFADE_")}
        told = {"OPENAI_API_KEY": "readme", "PYTHONPATH": str(Path(__file__).parents[1])}
        admin = getattr(self, "_admin", None)
        return kept | told | ({"CROSSFADE_URL": admin} if admin else {})


def _fetch(url: str) -> None:
    with urlopen(url, timeout=PATIENCE_S) as answer:
        if answer.status != 200:
            raise Astray(f"{url} answered {answer.status}")
