"""crossfade.yaml and migration files for these tests, with every kind of upstream in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import NamedTuple

from tests.doubles.upstream import Server
from tests.e2e.admin import Admin
from tests.e2e.apis import Apis
from tests.e2e.process import Crossfade

PRICE = {"input": 2, "cached_input": 0.5, "output": 8}  # USD per million tokens
CHEAP = {"input": 0.15, "cached_input": 0.075, "output": 0.6}
DIALECTS = ("openai", "anthropic", "gemini", "ollama")

Config = dict[str, object]


class Migration(NamedTuple):
    """A registered migration: requests for `asks` belong to it."""

    name: str
    asks: str
    admin: Admin

    def weigh(self, percent: float) -> None:
        self.admin.post(self.name, "set-weight", percent=percent)

    def roll_back(self) -> None:
        self.admin.post(self.name, "rollback")

    def view(self) -> Mapping[str, object]:
        return self.admin.get(f"/api/migrations/{self.name}")


def config(apis: Apis, **changes: object) -> Config:
    """Two upstreams of each dialect, `old` and `new`, a model on each, and one without a key."""
    upstreams: dict[str, object] = {}
    models: dict[str, object] = {}
    for dialect in DIALECTS:
        for server, price in ((apis.old, PRICE), (apis.new, CHEAP)):
            name = f"{server.name}-{dialect}"
            upstreams[name] = _upstream(server, dialect)
            models[name] = {"upstream": name, "model": f"{name}-1", "price": price}
    upstreams["own"] = {"url": apis.old.url, "dialect": "openai"}
    return {
        "environment": "e2e",
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0", "token_env": "CROSSFADE_TOKEN"},
        "upstreams": upstreams,
        "models": models,
    } | changes


def file(name: str, asks: str, dialect: str = "openai", **changes: object) -> dict[str, object]:
    """A migration file from the old model of a dialect to its new one."""
    return {
        "migration": name,
        "reason": {"kind": "cost", "text": "a tenth of the price"},
        "owner": "jane@example.com",
        "match": {"model": asks},
        "baseline": f"old-{dialect}",
        "candidate": f"new-{dialect}",
    } | changes


class Stage(NamedTuple):
    """A running crossfade and the model APIs behind it; `numbers` make names that are new."""

    crossfade: Crossfade
    apis: Apis
    numbers: Iterator[int]

    def readiness(self) -> tuple[int, Mapping[str, object]]:
        """The status and the body of /readyz."""
        answer = self.crossfade.admin.ask("GET", "/readyz")
        return answer.status, answer.json

    def migrate(
        self, dialect: str = "openai", *, weight: float = 0, **changes: object
    ) -> Migration:
        """Register a migration of its own for one test."""
        number = next(self.numbers)
        migration = Migration(f"m-{number}", f"asked-{number}", self.crossfade.admin)
        changed = file(migration.name, migration.asks, dialect, **changes)
        migration.admin.put(migration.name, changed)
        if weight:
            migration.weigh(weight)
        return migration


def stage(crossfade: Crossfade, apis: Apis) -> Stage:
    return Stage(crossfade, apis, count())


def _upstream(server: Server, dialect: str) -> Config:
    key = f"{server.name.upper()}_KEY"
    return {"url": server.url, "dialect": dialect, "key_env": key}
