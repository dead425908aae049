"""Server-sent events: what is, then each change, picked up where a broken stream ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from control.api import events
from control.desk.fleet import Served
from tests.control.api.service import Service, service
from tests.control.office import ASK, source
from tests.doubles.until import until


@asynccontextmanager
async def stream(api: Service, **headers: str) -> AsyncIterator[aiohttp.StreamReader]:
    url = f"http://{api.address}/api/events"
    async with api.client.get(url, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Server"] == "crossfade"
        assert await block(answer.content) == {"retry": "1000"}
        yield answer.content


async def block(reader: aiohttp.StreamReader) -> dict[str, str]:
    """The next event's fields."""
    found: dict[str, str] = {}
    while (line := (await reader.readline()).decode()) != "\n":
        assert line.endswith("\n")
        name, _, value = line.rstrip("\n").partition(":")
        found[name] = value.strip()
    return found


def told(event: dict[str, str]) -> tuple[str, str, int]:
    one = msgspec.json.decode(event["data"], type=dict[str, object])
    assert event["event"] == "migration"
    assert int(event["id"]) == one["version"]
    return str(one["name"]), str(one["phase"]), int(event["id"])


async def test_what_is_comes_first_and_changes_follow_at_once(api: Service) -> None:
    await api.apply()
    async with stream(api) as reader:
        assert told(await block(reader)) == ("triage", "Pending", 1)
        await api.call("POST", "/api/migrations/triage/set-weight", {"percent": 5})
        assert told(await block(reader)) == ("triage", "Progressing", 2)
        await api.call("POST", "/api/migrations/triage/rollback", {})
        assert told(await block(reader)) == ("triage", "Degraded", 3)


async def test_a_stream_is_picked_up_where_it_broke_off(api: Service) -> None:
    await api.apply()
    await api.apply("billing", match="gpt-5")
    async with stream(api, **{"Last-Event-ID": "1"}) as reader:
        assert told(await block(reader)) == ("billing", "Pending", 2)


class Slow:
    """Workers that obey when they are told to."""

    def __init__(self) -> None:
        self.obeyed = False

    async def served(self, version: int, timeout_s: float) -> Served:
        assert version > 0
        assert timeout_s > 0
        return Served(complete=self.obeyed)


async def test_a_rollback_is_told_again_once_it_is_obeyed(
    api: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    await api.apply()
    workers = Slow()
    object.__setattr__(api.office.desk, "acknowledged", workers)
    async with stream(api, **{"Last-Event-ID": "1"}) as reader:
        await api.call("POST", "/api/migrations/triage/rollback", {})
        assert told(await block(reader)) == ("triage", "RollingBack", 2)
        workers.obeyed = True
        assert told(await block(reader)) == ("triage", "Degraded", 2)


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "1.5"])
async def test_an_odd_last_id_starts_over(api: Service, odd: str) -> None:
    await api.apply()
    async with stream(api, **{"Last-Event-ID": odd}) as reader:
        assert told(await block(reader)) == ("triage", "Pending", 1)


async def test_a_change_that_came_by_another_way_is_found(
    api: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    async with stream(api) as reader:
        await api.office.desk.apply("triage", source(), ASK)
        assert told(await block(reader)) == ("triage", "Pending", 1)


async def test_a_ring_tells_at_once(api: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK_S", 3_600.0)
    async with stream(api) as reader:
        await api.office.desk.apply("triage", source(), ASK)
        api.api.watchers.ring()
        assert told(await block(reader)) == ("triage", "Pending", 1)


async def test_a_silent_stream_shows_that_it_lives(
    api: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_S", 0.001)
    async with stream(api) as reader:
        assert await block(reader) == {"": "still here"}
        assert await block(reader) == {"": "still here"}


async def test_a_store_that_is_away_is_told_and_the_stream_goes_on(
    api: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.apply()
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    database = api.office.folder / ".crossfade" / "store.db"
    async with stream(api, **{"Last-Event-ID": "1"}) as reader:
        away = database.rename(database.with_name("away"))
        event = await block(reader)
        assert (event["event"], event["data"]) == ("error", '{"code":"store_unavailable"}')
        away.rename(database)
        await api.call("POST", "/api/migrations/triage/rollback", {})
        while (event := await block(reader))["event"] == "error":
            pass
        assert told(event) == ("triage", "Degraded", 2)


async def test_a_reader_that_leaves_frees_its_place(api: Service) -> None:
    async with stream(api):
        assert api.api.watchers.count == 1

    def gone() -> bool:
        api.api.watchers.ring()
        return api.api.watchers.count == 0

    await until(gone)


async def test_streams_end_when_the_api_closes(tmp_path: Path) -> None:
    async with service(tmp_path) as api, stream(api) as reader:
        await api.api.close()
        assert await reader.read() == b""


async def test_a_stream_that_fails_breaks_off_and_is_logged(
    api: Service, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def read(self) -> None:
            raise RuntimeError("CANARY-PROMPT")

    async with stream(api) as reader:
        object.__setattr__(api.office.desk, "store", Broken())
        api.api.watchers.ring()
        with pytest.raises(aiohttp.ClientPayloadError):
            await reader.read()
    assert [record.message for record in caplog.records] == ["admin_request_failed"]
    assert api.api.watchers.count == 0
