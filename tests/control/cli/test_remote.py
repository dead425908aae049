"""The admin API as the command line calls it: odd URLs, odd servers, and where a token goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import pytest

from control.cli import remote
from control.cli.outcome import Refusal, TimedOut, Unreachable
from control.cli.remote import Remote, migration
from tests.control.api.service import Service, service
from tests.control.cli.shell import Shell


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers every connection with these bytes (None: never), and keeps what it was sent."""
    heard: list[bytes] = []
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await ended.wait()
        else:
            writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", heard
    finally:
        ended.set()
        listening.close()
        await listening.wait_closed()


def get(url: str, path: str = "/api/migrations", token: str | None = None) -> object:
    return Remote(url, token).get(path)


def answer(body: bytes, *, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(body), body)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8081",
        "ftp://127.0.0.1",
        "http://",
        "http://user:sk-CANARY@127.0.0.1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1/?x=1",
        "unix:relative",
    ],
)
def test_what_is_no_url_of_an_admin_api_is_a_usage_error(url: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        Remote(url, None)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        answer(b"<html>", status="502 Bad Gateway"),
        answer(b"<html>"),
        answer(b'{"detail": "no"}', status="404 Not Found"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
    ],
)
async def test_what_is_no_admin_api_cannot_be_reached(odd: bytes) -> None:
    async with server(odd) as (url, _):
        with pytest.raises(Unreachable):
            await asyncio.to_thread(get, url)


async def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LARGEST_ANSWER", 10)
    async with server(answer(b'"' + b"x" * 20 + b'"')) as (url, _):
        with pytest.raises(Unreachable, match="larger than"):
            await asyncio.to_thread(get, url)


async def test_an_answer_that_does_not_come_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ANSWER_S", 0.01)
    async with server(None) as (url, _):
        with pytest.raises(TimedOut, match="no answer from"):
            await asyncio.to_thread(get, url)


async def test_an_error_is_printed_with_its_problems_and_without_escapes() -> None:
    body = b'{"error":{"message":"is \\u001b[31minvalid:","problems":["x.yaml:1: y"]}}'
    async with server(answer(body, status="422 Unprocessable")) as (url, _):
        with pytest.raises(Refusal) as refused:
            await asyncio.to_thread(get, url)
    assert refused.value.message == "is \ufffd[31minvalid:\n  x.yaml:1: y"
    assert refused.value.exit_code == 1


async def test_the_token_and_the_prefix_are_sent() -> None:
    async with server(answer(b"[]")) as (url, heard):
        await asyncio.to_thread(get, f"{url}/crossfade/", token="sk-CANARY-token")
        await asyncio.to_thread(get, url)
    assert heard[0].startswith(b"GET /crossfade/api/migrations HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer sk-CANARY-token\r\n" in heard[0]
    assert b"Authorization" not in heard[1]


async def test_redirects_are_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with server(moved) as (url, heard):
        with pytest.raises(Unreachable, match="302"):
            await asyncio.to_thread(get, url, token="sk-CANARY-token")
    assert len(heard) == 1


async def test_a_plain_server_is_not_reached_over_tls(api: Service) -> None:
    with pytest.raises(Unreachable):
        await asyncio.to_thread(get, f"https://{api.address}")


async def test_a_unix_socket_is_reached(tmp_path: Path) -> None:
    async with service(tmp_path, address=f"unix:{tmp_path / 'admin.sock'}") as api:
        done = await Shell(url=api.address)("list", "-o", "json")
        assert (done.code, done.out) == (0, "[]\n")
        done = await Shell(url=f"unix:{tmp_path / 'absent.sock'}")("list")
        assert done.code == 4


def test_names_are_encoded_into_paths() -> None:
    assert migration("a/b ?#", "rollback") == "/api/migrations/a%2Fb%20%3F%23/rollback"
