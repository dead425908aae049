"""The composition root: one process with both planes, and a second data plane beside it."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.control.cli.shell import Done, Shell
from tests.control.office import migration
from tests.doubles.alone import alone
from tests.doubles.until import until
from tests.doubles.upstream import Server

CANARY = "sk-CANARY-serve"
CONFIG = """\
environment: staging
listen: {listen}
admin: {{listen: {admin}, token_env: CROSSFADE_TOKEN}}
upstreams:
  openai: {{url: "{url}", dialect: openai, key_env: KEY}}
models:
  gpt-4o: {{upstream: openai}}
  gpt-4o-mini: {{upstream: openai, price: {{input: 1, output: 2}}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A `crossfade serve` and a shell that talks to it."""

    process: Process
    shell: Shell
    events: list[str]

    async def logged(self, event: str) -> None:
        """Returns once the process has logged `event`, before it served or since."""
        if event not in self.events:
            self.events += await _until(self.process, event)


def written(
    folder: Path, *, url: str = "http://127.0.0.1:9", listen: str = "127.0.0.1:0", **admin: str
) -> Path:
    file = folder / "crossfade.yaml"
    text = CONFIG.format(url=url, listen=listen, admin=admin.get("admin", "127.0.0.1:0"))
    file.write_text(text)
    (folder / "triage.yaml").write_text(migration())
    return file


@asynccontextmanager
async def serving(file: Path) -> AsyncIterator[Served]:
    """Starts one and ends it as an operator does."""
    nowhere = Shell(url="http://127.0.0.1:9")
    process = await nowhere.start("serve", "-c", file, environment={"KEY": CANARY})
    try:
        events = await _until(process, "serving ")
        admin = events[-1].rpartition("admin=")[2]
        yield Served(process=process, shell=Shell(url=f"http://{admin}"), events=events)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def _until(process: Process, beginning: str) -> list[str]:
    """What it logs, up to the first event that begins so."""
    assert process.stderr is not None
    events: list[str] = []
    while line := await process.stderr.readline():
        events.append(json.loads(line)["event"])
        if events[-1].startswith(beginning):
            return events
    raise AssertionError(events)


async def told(served: Served, path: str) -> bytes:
    """What the admin API answers."""
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{served.shell.url}{path}") as answer,
    ):
        assert answer.status == 200
        return await answer.read()


async def workers(folder: Path, count: int) -> None:
    """Returns once so many workers have told the store what they serve."""
    path = folder / ".crossfade" / "store.db"

    def told() -> bool:
        with closing(sqlite3.connect(path)) as store:
            return store.execute("SELECT count(*) FROM workers").fetchone() == (count,)

    await until(told)


async def refused(file: Path) -> Done:
    nowhere = Shell(url="http://127.0.0.1:9")
    done = await nowhere.process("serve", "-c", file, KEY=CANARY)
    assert "Traceback" not in done.err
    return done


async def test_what_the_file_is_warned_of_is_logged(tmp_path: Path) -> None:
    async with serving(written(tmp_path)) as served:
        (warning,) = [event for event in served.events if event.startswith("config_warning")]
    assert "admin.token_env: the environment variable CROSSFADE_TOKEN is not set" in warning


async def test_the_admin_api_tells_of_the_process_around_it(tmp_path: Path) -> None:
    async with serving(written(tmp_path)) as served:
        await served.shell("apply", tmp_path / "triage.yaml")
        ready = json.loads(await told(served, "/readyz"))
        assert ready["snapshot_version"] == 1
        assert not ready["degraded"]
        assert not ready["draining"]
        assert b"\ncrossfade_snapshot_version 1.0\n" in await told(served, "/metrics")


@pytest.mark.parametrize("taken", ["listen", "admin"])
async def test_an_address_that_is_taken_is_a_refusal(
    tmp_path: Path, old: Server, taken: str
) -> None:
    done = await refused(written(tmp_path, **{taken: f"127.0.0.1:{old.port}"}))
    assert done.code == 1
    assert "Error: not started: " in done.err
    assert "in use" in done.err


async def test_a_store_that_cannot_be_read_does_not_keep_traffic_from_being_served(
    tmp_path: Path,
) -> None:
    file = written(tmp_path)
    async with serving(file) as served:
        assert (await served.shell("apply", tmp_path / "triage.yaml")).code == 0
    (tmp_path / ".crossfade" / "store.db").write_bytes(b"damaged")
    async with serving(file) as served:
        assert any(event.startswith("store_unavailable") for event in served.events)
        await served.logged("snapshot_applied epoch=1 version=1")
        assert json.loads(await told(served, "/readyz"))["degraded"]


async def test_a_second_data_plane_follows_the_store_of_serve(tmp_path: Path, old: Server) -> None:
    file = written(tmp_path, url=old.url)
    async with serving(file) as served:
        crossfade = served.shell
        await crossfade("apply", tmp_path / "triage.yaml")
        said = await crossfade("settings", "-c", file, "--listen", "127.0.0.1:0")
        async with alone(said.out.encode(), KEY=CANARY) as plane:
            assert await plane.arm() == "baseline"
            await workers(tmp_path, 2)
            assert (await crossfade("set", "weight", "triage", "100")).code == 0
            assert await plane.arm() == "candidate"
            assert (await crossfade("rollback", "triage")).code == 0
            assert await plane.arm() == "baseline"
            plane.process.send_signal(signal.SIGTERM)
            assert await plane.ended() == 0
        assert (await crossfade("retry", "triage")).code == 0
    assert {request.header("authorization") for request in old.requests} == {f"Bearer {CANARY}"}


async def test_a_second_data_plane_that_was_killed_comes_back_where_it_was(
    tmp_path: Path, old: Server
) -> None:
    file = written(tmp_path, url=old.url)
    async with serving(file) as served:
        crossfade = served.shell
        await crossfade("apply", tmp_path / "triage.yaml")
        said = await crossfade("settings", "-c", file, "--listen", "127.0.0.1:0")
        await crossfade("set", "weight", "triage", "100")
        async with alone(said.out.encode(), KEY=CANARY) as plane:
            assert await plane.arm() == "candidate"
            plane.process.kill()
            assert await plane.ended() == -signal.SIGKILL
        async with alone(said.out.encode(), KEY=CANARY) as plane:
            assert await plane.arm() == "candidate"
            await crossfade("rollback", "triage", "--no-wait")
            await plane.event("snapshot_applied epoch=1 version=3")
            assert await plane.arm() == "baseline"


async def test_a_data_plane_outlives_the_serve_that_it_follows(tmp_path: Path, old: Server) -> None:
    file = written(tmp_path, url=old.url)
    async with serving(file) as served:
        await served.shell("apply", tmp_path / "triage.yaml")
        await served.shell("set", "weight", "triage", "100")
        said = await served.shell("settings", "-c", file, "--listen", "127.0.0.1:0")
    async with alone(said.out.encode(), KEY=CANARY) as plane:
        assert await plane.arm() == "candidate"
        async with serving(file) as served:
            await asyncio.gather(
                served.shell("rollback", "triage"),
                plane.event("snapshot_applied epoch=1 version=3"),
            )
            assert await plane.arm() == "baseline"
