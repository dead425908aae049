"""The data plane alone: it finds its secrets, follows a store that others write, and ends well."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from control.store.embedded import EmbeddedStore
from proxy.errors import Invalid
from proxy.policy import WHOLE, Auth, Dialect, Limits
from proxy.running.alone import parts, serve
from proxy.running.settings import Settings, TokensAt, UpstreamSettings, encode
from tests.control.store.contract import commit
from tests.doubles.alone import alone, start
from tests.doubles.raw import connected
from tests.doubles.requests import chat
from tests.doubles.until import until
from tests.doubles.upstream import Server

CANARY = "sk-CANARY-alone"


def settings(folder: Path, port: int = 9, **changes: object) -> Settings:
    upstream = UpstreamSettings(
        name="openai", dialect=Dialect.OPENAI, host="127.0.0.1", port=port, key_env="KEY"
    )
    plain = Settings(
        environment="alone",
        listen=("127.0.0.1:0",),
        state_dir=str(folder),
        clients="open",
        upstreams=(upstream,),
    )
    return msgspec.structs.replace(plain, **changes)


def test_secrets_are_found_where_the_settings_say(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(f"{CANARY}-file\n")
    named = UpstreamSettings(
        name="full",
        dialect=Dialect.ANTHROPIC,
        host="h",
        port=2,
        tls=True,
        path="/p",
        socket="/s",
        auth=Auth.API_KEY,
        inject_usage=True,
        ca_file="/ca",
        key_file=str(key),
    )
    own = UpstreamSettings(name="own", dialect=Dialect.OLLAMA, host="h", port=3)
    said = settings(tmp_path, limits=Limits(max_streams=5), clients=TokensAt(tokens_env="TOKENS"))
    said = msgspec.structs.replace(said, upstreams=(*said.upstreams, named, own))
    found = parts(said, {"KEY": CANARY, "TOKENS": "a b"})
    keys = [upstream.key.reveal() if upstream.key else None for upstream in found.upstreams]
    assert keys == [CANARY, f"{CANARY}-file", None]
    plain = {
        name: value
        for name, value in msgspec.structs.asdict(found.upstreams[1]).items()
        if name != "key"
    }
    assert plain == {name: getattr(named, name) for name in plain}
    assert found.clients.have_tokens
    assert found.limits == Limits(max_streams=5)


@pytest.mark.parametrize("clients", ["open", None])
def test_without_tokens_everybody_may_come(tmp_path: Path, clients: str | None) -> None:
    assert not parts(settings(tmp_path, clients=clients), {"KEY": "k"}).clients.have_tokens


def test_every_secret_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    said = settings(tmp_path, clients=TokensAt(tokens_env="TOKENS"))
    with pytest.raises(Invalid) as refused:
        parts(said, {"TOKENS": f"{CANARY}é"})
    first, second = str(refused.value).splitlines()
    assert first == "upstreams.openai: the environment variable KEY is not set (export KEY=...)"
    assert second.startswith("clients: a token in TOKENS is not visible ASCII (a key has no ")


@asynccontextmanager
async def stored(folder: Path) -> AsyncIterator[EmbeddedStore]:
    """A store with one migration at weight 0."""
    store = EmbeddedStore(folder)
    try:
        await commit(store, 1)
        yield store
    finally:
        await store.close()


async def acknowledged(store: EmbeddedStore, version: int) -> None:
    """Returns once every worker serves a version."""

    async def told() -> bool:
        return {worker.version for worker in await store.workers()} == {version}

    await until(told)


@pytest.mark.usefixtures("collector")
async def test_it_serves_until_it_is_stopped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    said = settings(tmp_path, limits=Limits(max_streams=5))
    stop = asyncio.Event()
    async with stored(tmp_path) as store, asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(said, parts(said, {"KEY": CANARY}), stop))
        await acknowledged(store, 1)
        stop.set()
    events = [message.split()[0] for message in caplog.messages]
    life = ["store_created", "snapshot_applied", "serving", "draining", "drained"]
    assert [event for event in events if event in life] == life
    others = set(events) - set(life) - {"degraded", "settled"}  # of a disk that is slow today
    assert others == {"measurements_wait"}  # nobody made a place for them


async def test_a_change_of_weight_reaches_it_without_a_hint(tmp_path: Path, old: Server) -> None:
    said = settings(tmp_path, old.port)
    async with stored(tmp_path) as store, alone(encode(said), KEY=CANARY) as plane:
        assert await plane.arm() == "baseline"
        assert old.requests[0].header("authorization") == f"Bearer {CANARY}"
        await commit(store, 2, share=WHOLE)
        await plane.event("snapshot_applied epoch=0 version=2")
        assert await plane.arm() == "candidate"
        assert not [event for event in plane.events if "CANARY" in event]


async def test_sigterm_lets_what_runs_finish(tmp_path: Path, old: Server) -> None:
    said = settings(tmp_path, old.port)
    async with stored(tmp_path), alone(encode(said), KEY=CANARY) as plane:
        async with connected(plane.port) as client:
            await client.send(chat(hold_head=True))
            request = await old.arrived.get()
            plane.process.send_signal(signal.SIGTERM)
            await plane.event("draining streams=1")
            request.go.set()
            assert (await client.read_message()).status == 200
        assert await plane.ended() == 0
        with pytest.raises(ConnectionRefusedError):
            await plane.arm()


async def test_killed_and_started_again_it_is_where_it_was(tmp_path: Path, old: Server) -> None:
    said = encode(settings(tmp_path, old.port))
    async with stored(tmp_path) as store:
        await commit(store, 2, share=WHOLE)
        async with alone(said, KEY=CANARY) as plane:
            assert await plane.arm() == "candidate"
            plane.process.kill()
            assert await plane.ended() == -signal.SIGKILL
        async with alone(said, KEY=CANARY) as plane:
            assert "snapshot_applied epoch=0 version=2" in plane.events
            assert await plane.arm() == "candidate"


async def test_it_serves_the_last_good_snapshot_when_the_store_is_gone(
    tmp_path: Path, old: Server
) -> None:
    said = encode(settings(tmp_path, old.port))
    async with stored(tmp_path) as store:
        await commit(store, 2, share=WHOLE)
        async with alone(said, KEY=CANARY) as plane:
            await acknowledged(store, 2)  # only what is saved is acknowledged
    for file in ("store.db", "store.db-wal", "store.db-shm"):
        (tmp_path / file).unlink(missing_ok=True)
    async with alone(said, KEY=CANARY) as plane:
        assert any(event.startswith("degraded concern=source") for event in plane.events)
        assert await plane.arm() == "candidate"


async def test_settings_come_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(encode(settings(tmp_path)))
    async with stored(tmp_path), alone(b"", str(file), KEY=CANARY) as plane:
        assert plane.port


async def refused(said: bytes, *words: str, **environ: str) -> tuple[int, str]:
    """How a process that must not start ends, and what it says."""
    process = await start(said, *words, **environ)
    out, err = await process.communicate()
    assert out == b""
    assert b"Traceback" not in err
    assert b"CANARY" not in err
    return process.returncode or 0, err.decode()


async def test_without_its_keys_it_does_not_start(tmp_path: Path) -> None:
    code, said = await refused(encode(settings(tmp_path)), "-")
    assert code == 1
    assert said.endswith("the environment variable KEY is not set (export KEY=...)\n")


async def test_unsound_settings_are_refused(tmp_path: Path) -> None:
    said = encode(settings(tmp_path)).replace(
        b'"key_env": "KEY"', b'"key_env": "%b"' % CANARY.encode()
    )
    code, text = await refused(said, "-", KEY=CANARY)
    assert code == 1
    assert "Error: not started: the settings are not valid: " in text


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    code, text = await refused(b"", str(tmp_path / "absent.json"))
    assert (code, "No such file" in text) == (1, True)


async def test_an_address_that_is_taken_is_refused(tmp_path: Path, old: Server) -> None:
    said = settings(tmp_path, listen=(f"127.0.0.1:{old.port}",))
    async with stored(tmp_path):
        code, text = await refused(encode(said), "-", KEY=CANARY)
    assert code == 1
    assert "Error: not started: " in text
    assert "in use" in text


@pytest.mark.parametrize("words", [(), ("-", "-"), ("--listen", "x")])
async def test_usage_errors_end_with_2(words: tuple[str, ...]) -> None:
    code, text = await refused(b"", *words)
    assert (code, "usage: python -m proxy" in text) == (2, True)


def test_nothing_of_the_control_plane_is_needed() -> None:
    source = (
        "import sys, proxy.__main__;"
        "parts = {name.partition('.')[0] for name in sys.modules};"
        "print(parts & {'control', 'aiohttp', 'click', 'rich', 'ruamel'})"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)
    assert done.stdout == b"set()\n"
