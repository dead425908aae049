"""The `crossfade` command as a shell runs it, and the same inside this process for many cases."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from control.cli.commands import cli

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs commands against one admin API."""

    url: str
    token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = ("PATH", "HOME", "COVERAGE_")
        kept = {name: value for name, value in os.environ.items() if name.startswith(ours)}
        told = {"CROSSFADE_URL": self.url, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        return kept | told | ({} if self.token is None else {"CROSSFADE_TOKEN": self.token})

    async def __call__(self, *args: str | Path, **environment: str) -> Done:
        """Runs a command in this process, in a thread beside the loop that answers it."""
        given = {**self.environment, "NO_COLOR": "", **environment}
        words = [str(arg) for arg in args]
        result = await asyncio.to_thread(CliRunner().invoke, cli, words, env=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(code=result.exit_code, out=result.stdout, err=result.stderr)

    async def start(
        self, *args: str | Path, environment: Mapping[str, str] | None = None, out: int = PIPE
    ) -> Process:
        """Starts a command as a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "control.cli", *map(str, args)),
            env=self.environment | dict(environment or {}),
            stdout=out,
            stderr=PIPE,
            stdin=asyncio.subprocess.DEVNULL,
        )

    async def process(self, *args: str | Path, **environment: str) -> Done:
        """Runs a command as a process of its own."""
        process = await self.start(*args, environment=environment)
        out, err = await process.communicate()
        assert process.returncode is not None
        return Done(code=process.returncode, out=out.decode(), err=err.decode())
