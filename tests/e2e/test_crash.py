"""What outlives kill -9 and a broken store, and what outlives SIGTERM for a while."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.doubles.raw import connected
from tests.doubles.requests import prompt, request
from tests.e2e import canary
from tests.e2e.asking import ask, connections
from tests.e2e.conftest import Make
from tests.e2e.shapes import CHAT, GENERATE, MESSAGES, OLLAMA_CHAT, RESPONSES, Shape
from tests.e2e.stage import Migration, Stage, stage

KEYS = [f"{canary.KEY}-{number}" for number in range(60)]


async def arms(alone: Stage, model: str) -> list[bytes | None]:
    """The arm of each key."""
    return [(await ask(alone.crossfade, alone.apis, keyed(model, key))).arm for key in KEYS]


def keyed(model: str, key: str) -> bytes:
    return request(f"x-crossfade-key: {key}".encode(), body=prompt(model=model))


def readiness(alone: Stage) -> tuple[int, Mapping[str, object]]:
    answer = alone.crossfade.admin.ask("GET", "/readyz")
    return answer.status, answer.json


async def kept(alone: Stage) -> None:
    """Returns when the snapshot that serves is on the disk: a worker acknowledges it after that."""
    version = readiness(alone)[1]["snapshot_version"]

    def acknowledged() -> bool:
        workers = alone.crossfade.admin.get("/api/workers")
        return any(one["version"] == version for one in workers)

    await asyncio.to_thread(alone.apis.until, acknowledged)


async def test_kill_and_restart_change_nothing(alone: Stage) -> None:
    moved = alone.migrate(weight=40)
    latched = alone.migrate(weight=70)
    latched.roll_back()
    before = await arms(alone, moved.asks)
    seen = {one.name: _standing(one) for one in (moved, latched)}
    _, ready = readiness(alone)
    alone.crossfade.kill()
    alone.crossfade.start()
    again = [Migration(one.name, one.asks, alone.crossfade.admin) for one in (moved, latched)]
    assert {one.name: _standing(one) for one in again} == seen
    assert readiness(alone)[1]["snapshot_version"] == ready["snapshot_version"]
    assert await arms(alone, moved.asks) == before
    assert set(before) == {b"baseline", b"candidate"}
    refused = again[1].admin.ask(
        "POST", f"/api/migrations/{latched.name}/set-weight", {"percent": 1}
    )
    assert refused.code == "latched"


def _standing(migration: Migration) -> object:
    view = migration.view()
    return {name: value for name, value in view.items() if name != "arms"}


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
    version = readiness(alone)[1]["snapshot_version"]
    await kept(alone)
    assert alone.crossfade.stop() == 0
    _damage(alone.crossfade.state / "store.db", damage)
    alone.crossfade.start()
    status, ready = readiness(alone)
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
    status, ready = readiness(alone)
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
    assert readiness(alone)[1]["status"] == "degraded"
    # The generation before: the migration is there, at the weight that it had then.
    assert set(await arms(alone, moved.asks)) == {b"baseline"}
    assert before != [b"baseline"] * len(KEYS)


async def test_two_crossfades_cannot_share_a_state(alone: Stage, make: Make) -> None:
    second = make({"state_dir": str(alone.crossfade.state)})
    said = second.refuse()
    assert said.startswith("1: ")
    assert "another" in said
    assert readiness(alone)[0] == 200


async def test_sigterm_lets_streams_finish(alone: Stage) -> None:
    moved = alone.migrate(weight=100)
    async with connected(alone.crossfade.port) as idle, connected(alone.crossfade.port) as client:
        await client.send(CHAT.request(moved.asks, b"X-Mark: finishing", hold_after=3))
        received = await asyncio.to_thread(alone.apis.held, "finishing")
        alone.crossfade.signal(signal.SIGTERM)
        await idle.closed()
        status, ready = readiness(alone)
        assert (status, ready["status"], ready["draining"]) == (503, "draining", True)
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset as it closes
            async with connected(alone.crossfade.port) as late:
                await late.ask(CHAT.request(moved.asks))
        alone.apis.go(received)
        answer = await client.read_message()
        assert answer.complete
        assert answer.body == received.answer.body.bytes
        await client.closed()
    assert alone.crossfade.ended() == 0
    assert alone.crossfade.events[-1] == "drained streams=0"


SHAPES = (CHAT, RESPONSES, MESSAGES, GENERATE, OLLAMA_CHAT)


async def test_streams_that_outlast_the_drain_end_with_an_error(make: Make, shared: Stage) -> None:
    """One of each dialect: its own error event, and no end that HTTP would take for one."""
    crossfade = make({"limits": {"drain_timeout": "300ms"}})
    crossfade.start()
    behind = stage(crossfade, shared.apis)
    migrations = [behind.migrate(shape.dialect, weight=100) for shape in SHAPES]
    async with connections(crossfade.port, len(SHAPES)) as clients:
        for shape, moved, client in zip(SHAPES, migrations, clients, strict=True):
            mark = f"X-Mark: drain-{shape.name}".encode()
            await client.send(shape.request(moved.asks, mark, hold_after=shape.opening + 2))
            await asyncio.to_thread(behind.apis.held, f"drain-{shape.name}")
        crossfade.signal(signal.SIGTERM)
        for shape, client in zip(SHAPES, clients, strict=True):
            answer = await client.read_message()
            assert not answer.complete, shape.name
            _check_error(shape, answer.body)
    assert crossfade.ended() == 0


def _check_error(shape: Shape, body: bytes) -> None:
    """The last event is crossfade's own error, in the dialect's shape."""
    assert b"draining" in body
    if shape is OLLAMA_CHAT:
        assert json.loads(body.splitlines()[-1])["code"] == "draining"
        return
    end = b"\r\n\r\n" if shape is GENERATE else b"\n\n"
    assert body.endswith(b"\n\n")
    *_, last = body.removesuffix(b"\n\n").split(end)
    name, _, data = last.rpartition(b"data: ")
    error = json.loads(data)
    if shape is GENERATE:
        assert error["error"]["details"][0]["reason"] == "draining"
    else:
        assert error["error"]["code"] == "draining"
    named = shape in (MESSAGES, RESPONSES)
    assert name == (b"event: error\n" if named else b"")


async def test_a_second_signal_ends_the_patience(alone: Stage) -> None:
    moved = alone.migrate(weight=100)
    async with connected(alone.crossfade.port) as client:
        await client.send(CHAT.request(moved.asks, b"X-Mark: hurried", hold_after=3))
        await asyncio.to_thread(alone.apis.held, "hurried")
        alone.crossfade.signal(signal.SIGTERM)
        alone.crossfade.wait_for(lambda: "draining streams=1" in alone.crossfade.events)
        alone.crossfade.signal(signal.SIGINT)
        assert not (await client.read_message()).complete
    assert alone.crossfade.ended() == 0
