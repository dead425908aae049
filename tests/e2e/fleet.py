"""Two hosts of two workers each on one real Redis, and load that notices every failed request."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psutil

from proxy.redis import keys
from tests.doubles.raw import connected
from tests.doubles.redis_server import RedisServer
from tests.doubles.requests import prompt, request
from tests.doubles.until import block_until, until_beside
from tests.e2e.apis import Apis
from tests.e2e.process import Crossfade
from tests.e2e.stage import Migration, config, file

WORKERS = 2


class Fleet(NamedTuple):
    """The hosts, their Redis, and the model APIs behind; `numbers` make names that are new."""

    hosts: tuple[Crossfade, ...]
    redis: RedisServer
    apis: Apis
    numbers: Iterator[int]

    def migrate(self, *, weight: float = 0, **changes: object) -> Migration:
        """Register a migration over the first host; every worker has heard of it then."""
        number = next(self.numbers)
        admin = self.hosts[0].admin
        migration = Migration(f"m-{number}", f"asked-{number}", admin)
        admin.put(migration.name, file(migration.name, migration.asks, **changes))
        if weight:
            migration.weigh(weight)
        block_until(self.agrees)
        return migration

    def workers(self) -> list[dict[str, object]]:
        """Every worker that the store holds for alive."""
        told = self.hosts[0].admin.get("/api/workers")
        assert isinstance(told, list)
        return [one for one in told if one["live"]]

    async def settled(self) -> None:
        """Waits until every worker has told the store that it serves the newest version."""
        await until_beside(self.agrees)

    def agrees(self) -> bool:
        """Whether every worker of every host has told so."""
        newest = json.loads(self.redis.cli("GET", keys.SNAPSHOT))["version"]
        told = [one["version"] for one in self.workers()]
        return told == [newest] * (WORKERS * len(self.hosts))


@asynccontextmanager
async def load(fleet: Fleet, model: str, clients: int = 4) -> AsyncIterator[Load]:
    """So many clients on each host ask short requests, one after the other, while this lasts."""
    made = Load(fleet, model)
    async with asyncio.TaskGroup() as tasks:
        for host in fleet.hosts:
            for _ in range(clients):
                tasks.create_task(made.run(host.port))
        try:
            yield made
        finally:
            made.over = True


class Load:
    """`arms` are those that answered, by host's port; `failed` says how requests ended otherwise.

    Each request has a sticky key of its own, and every other one a connection of its own.
    """

    def __init__(self, fleet: Fleet, model: str) -> None:
        self.arms: Counter[tuple[int, bytes | None]] = Counter()
        self.failed: list[str] = []
        self.over = False
        self._fleet = fleet
        self._model = model
        self._keys = count()
        self._answered = asyncio.Event()

    @property
    def answered(self) -> int:
        return self.arms.total()

    async def more(self, requests: int) -> None:
        """Waits until so many more were answered."""
        enough = self.answered + requests
        await self._until(lambda: self.answered >= enough)

    async def all_round(self, requests: int) -> None:
        """Waits until each host has answered so many in all."""

        def round_() -> bool:
            ports = Counter(port for port, _ in self.arms.elements())
            return all(ports[host.port] >= requests for host in self._fleet.hosts)

        await self._until(round_)

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Looks after each answer."""
        while not holds():
            self._answered.clear()
            await self._answered.wait()

    async def run(self, port: int) -> None:
        while not self.over:
            try:
                await self._visit(port)
            except (OSError, AssertionError, EOFError) as error:
                self.failed.append(f"{type(error).__name__}: {error}"[:200])

    async def _visit(self, port: int) -> None:
        """Two requests on one connection, if it is kept."""
        async with connected(port) as client:
            for _ in range(2):
                key = f"x-crossfade-key: k-{next(self._keys)}".encode()
                answer = await client.ask(request(key, body=prompt(model=self._model)))
                if answer.status != 200:
                    self.failed.append(f"status {answer.status}: {answer.body[:100]!r}")
                self.arms[port, answer.get(b"x-crossfade-arm")] += 1
                self._answered.set()
                if answer.get(b"connection") == b"close":
                    return


def hosts(apis: Apis, redis: RedisServer, folder: Path, **changes: object) -> tuple[Crossfade, ...]:
    """Two crossfades that are not started yet."""
    made = []
    for name in ("a", "b"):
        (folder / name).mkdir()
        settings = config(apis, store=redis.url, workers=WORKERS, **changes)
        made.append(Crossfade(folder / name, settings))
    return tuple(made)


def children(host: Crossfade) -> list[int]:
    """The pids of a host's workers."""
    return sorted(child.pid for child in psutil.Process(host.pid).children())


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    os.kill(pid, number)
