"""`python -m proxy` as a process of its own: Alone."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.doubles.raw import connected
from tests.doubles.requests import chat

ROOT = Path(__file__).parents[2]


class Alone:
    """One that serves on `port`; `events` are those of its log that were looked at."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.events: list[str] = []
        self.port = 0

    async def event(self, begin: str) -> str:
        """The next event of its log that begins so; an assertion error where none comes."""
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.events.append(json.loads(line)["event"])
            if self.events[-1].startswith(begin):
                return self.events[-1]
        raise AssertionError(self.events)

    async def ended(self) -> int:
        """Its exit code, once it has one."""
        await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode

    async def arm(self) -> str | None:
        """The arm that a chat request is served by; None where no migration matches it."""
        async with connected(self.port) as client:
            answer = await client.ask(chat())
        assert answer.status == 200, answer
        arm = answer.get(b"x-crossfade-arm")
        return None if arm is None else arm.decode()


@asynccontextmanager
async def alone(settings: bytes, *words: str, **environ: str) -> AsyncIterator[Alone]:
    """Starts one, and kills it in the end if it still runs."""
    made = Alone(await start(settings, *(words or ("-",)), **environ))
    try:
        serving = await made.event("serving ")
        made.port = int(serving.rpartition(":")[2])
        yield made
    finally:
        if made.process.returncode is None:
            made.process.kill()
            await made.ended()


async def start(settings: bytes, *words: str, fds: tuple[int, ...] = (), **environ: str) -> Process:
    """Starts a process with these settings on its standard input and nothing but this around it."""
    ours = ("PATH", "HOME", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if name.startswith(ours)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "proxy", *words),
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | environ,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        pass_fds=fds,
    )
    assert process.stdin is not None
    process.stdin.write(settings)
    process.stdin.close()
    return process
