"""What outlives kill -9, and a store that is damaged."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.doubles.requests import prompt, request
from tests.doubles.until import until_beside
from tests.e2e import canary
from tests.e2e.asking import ask
from tests.e2e.conftest import Make
from tests.e2e.stage import Migration, Stage

KEYS = [f"{canary.KEY}-{number}" for number in range(60)]


async def arms(alone: Stage, model: str) -> list[bytes | None]:
    """The arm of each key."""
    return [(await ask(alone.crossfade, alone.apis, keyed(model, key))).arm for key in KEYS]


def keyed(model: str, key: str) -> bytes:
    return request(f"x-crossfade-key: {key}".encode(), body=prompt(model=model))


async def kept(alone: Stage) -> None:
    """Returns when the snapshot that serves is on the disk: a worker acknowledges it after that."""
    version = alone.readiness()[1]["snapshot_version"]

    def acknowledged() -> bool:
        workers = alone.crossfade.admin.get("/api/workers")
        return any(one["version"] == version for one in workers)

    await until_beside(acknowledged)


async def test_kill_and_restart_change_nothing(alone: Stage) -> None:
    moved = alone.migrate(weight=40)
    latched = alone.migrate(weight=70)
    latched.roll_back()
    before = await arms(alone, moved.asks)
    seen = {one.name: _standing(one) for one in (moved, latched)}
    _, ready = alone.readiness()
    alone.crossfade.kill()
    alone.crossfade.start()
    again = [Migration(one.name, one.asks, alone.crossfade.admin) for one in (moved, latched)]
    assert {one.name: _standing(one) for one in again} == seen
    assert alone.readiness()[1]["snapshot_version"] == ready["snapshot_version"]
    assert await arms(alone, moved.asks) == before
    assert set(before) == {b"baseline", b"candidate"}
    refused = again[1].admin.ask(
        "POST", f"/api/migrations/{latched.name}/set-weight", {"percent": 1}
    )
    assert refused.code == "latched"


def _standing(migration: Migration) -> object:
    """What is kept; figures and workers are of the moment."""
    view = migration.view()
    kept = ("name", "phase", "reason", "version", "weights", "latched", "since", "snapshot_version")
    return {name: view[name] for name in kept}


async def test_what_was_acknowledged_outlives_a_kill_in_the_middle_of_changes(
    alone: Stage,
) -> None:
    moved = alone.migrate()
    versions = [0]

    def change() -> None:
        try:
            for percent in range(1, 100):
                done = moved.admin.post(moved.name, "set-weight", percent=percent)
                versions.append(done["version"])
                if percent == 8:
                    enough.set()
        except (OSError, EOFError, AssertionError):
            pass  # it was killed

    enough = _Bell()
    changing = asyncio.create_task(asyncio.to_thread(change))
    await enough.rung()
    alone.crossfade.kill()
    await changing
    alone.crossfade.start()
    view = Migration(moved.name, moved.asks, alone.crossfade.admin).view()
    assert view["version"] in (versions[-1], versions[-1] + 1)
    assert view["weights"]["candidate"] == view["version"] - 1


class _Bell:
    """Rung by a thread, waited for by the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def rung(self) -> None:
        await self._event.wait()


@pytest.mark.parametrize("damage", ["garbage", "empty", "truncated", "checksum"])
async def test_a_corrupted_store_does_not_stop_the_traffic(alone: Stage, damage: str) -> None:
    moved = alone.migrate(weight=40)
    before = await arms(alone, moved.asks)
    version = alone.readiness()[1]["snapshot_version"]
    await kept(alone)
    assert alone.crossfade.stop() == 0
    _damage(alone.crossfade.state / "store.db", damage)
    alone.crossfade.start()
    status, ready = alone.readiness()
    assert (status, ready["status"], ready["degraded"]) == (200, "degraded", True)
    assert ready["snapshot_version"] == version
    assert ready["reasons"]
    assert ready["snapshot_age_s"] >= 0
    assert await arms(alone, moved.asks) == before
    refused = alone.crossfade.admin.ask(
        "POST", f"/api/migrations/{moved.name}/set-weight", {"percent": 1}
    )
    assert (refused.status, refused.code[:5]) == (503, "store")


def _damage(path: Path, how: str) -> None:
    match how:
        case "garbage":
            path.write_bytes(b"not a database" * 1_000)
        case "empty":
            path.write_bytes(b"")
        case "truncated":
            path.write_bytes(path.read_bytes()[:5_000])
        case "checksum":
            with sqlite3.connect(path) as store:
                _spoil(store)
            store.close()


def _spoil(store: sqlite3.Connection) -> None:
    (table, column), *_ = [
        (table, column)
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for _, column, kind, *_ in store.execute(f"PRAGMA table_info({table})")
        if kind.upper() == "BLOB"
    ]
    (document,) = store.execute(f"SELECT {column} FROM {table}").fetchone()
    spoilt = bytes(document).replace(b'"share":4000', b'"share":9000')
    assert spoilt != document
    store.execute(f"UPDATE {table} SET {column} = ?", (spoilt,))


async def test_a_store_that_breaks_under_a_running_crossfade(alone: Stage) -> None:
    moved = alone.migrate(weight=40)
    before = await arms(alone, moved.asks)
    (alone.crossfade.state / "store.db").write_bytes(b"not a database" * 1_000)
    alone.crossfade.wait_for(lambda: any("degraded" in event for event in alone.crossfade.events))
    status, ready = alone.readiness()
    assert (status, ready["status"]) == (200, "degraded")
    assert await arms(alone, moved.asks) == before


async def test_damaged_generations_on_disk_are_told_from_whole_ones(alone: Stage) -> None:
    moved = alone.migrate(weight=40)
    before = await arms(alone, moved.asks)
    await kept(alone)
    assert alone.crossfade.stop() == 0
    _damage(alone.crossfade.state / "store.db", "garbage")
    (alone.crossfade.state / "last-good").write_bytes(b'{"schema": 1}')
    alone.crossfade.start()
    assert alone.readiness()[1]["status"] == "degraded"
    # The generation before: the migration is there, at the weight that it had then.
    assert set(await arms(alone, moved.asks)) == {b"baseline"}
    assert before != [b"baseline"] * len(KEYS)


async def test_two_crossfades_cannot_share_a_state(alone: Stage, make: Make) -> None:
    second = make({"state_dir": str(alone.crossfade.state)})
    said = second.refuse()
    assert said.startswith("1: ")
    assert "another" in said
    assert alone.readiness()[0] == 200
