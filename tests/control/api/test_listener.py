"""The socket: what is no HTTP, what breaks off, and what no answer ever says."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from pathlib import Path

import pytest

from tests.control.api.service import Service, service

MALFORMED = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03CANARY-PROMPT\r\n\r\n",
    b"CANARY-PROMPT\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: CANARY-PROMPT\r\n\r\n",
    b"GET /CANARY-PROMPT HTTP/1.1\r\nHost: localhost\r\nbad name: 1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("data", MALFORMED)
async def test_what_is_no_http_is_refused_without_an_echo(api: Service, data: bytes) -> None:
    answer = await api.raw(data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b'"code":"malformed_request"' in body
    assert b"CANARY" not in answer


@pytest.mark.parametrize(
    "data",
    [
        MALFORMED[1],
        b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n",
        b"GET /nowhere HTTP/1.0\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_no_answer_names_its_software(api: Service, data: bytes) -> None:
    head = (await api.raw(data)).partition(b"\r\n\r\n")[0].lower()
    assert b"server: crossfade" in head
    assert b"aiohttp" not in head
    assert b"python" not in head


async def test_every_answer_keeps_browsers_out(api: Service) -> None:
    for path in ("/", "/healthz", "/api/migrations", "/nowhere", "/metrics"):
        headers = (await api.call("GET", path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_a_caller_that_leaves_in_its_body_harms_nobody(api: Service) -> None:
    host, _, port = api.address.rpartition(":")
    for _ in range(3):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/rollback HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.transport.abort()
    assert (await api.call("GET", "/healthz")).status == 200


async def test_a_broken_chunk_is_a_malformed_request(api: Service) -> None:
    answer = await api.raw(
        b"POST /api/rollback HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
    )
    assert b'"code":"malformed_request"' in answer


async def test_it_listens_on_a_socket_of_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    before = os.umask(0)
    try:
        async with service(tmp_path, address=f"unix:{path}") as api:
            assert api.address == f"unix:{path}"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.0 200 OK")
            writer.close()
            await writer.wait_closed()
    finally:
        os.umask(before)


async def test_it_listens_on_ipv6(tmp_path: Path) -> None:
    async with service(tmp_path, address="[::1]:0") as api:
        assert api.address.startswith("[::1]:")
        assert (await api.call("GET", "/healthz")).status == 200


async def test_an_address_that_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        opening = service(tmp_path, address=address)
        with pytest.raises(OSError, match="in use"):
            await opening.__aenter__()


async def test_a_closed_api_answers_nobody(tmp_path: Path) -> None:
    async with service(tmp_path) as api:
        address = api.address
        assert (await api.call("GET", "/healthz")).status == 200
    host, _, port = address.rpartition(":")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, int(port))


async def test_closing_what_never_listened_is_fine(tmp_path: Path) -> None:
    async with service(tmp_path) as api:
        await type(api.api)(desk=api.office.desk, facts=api.api._facts, tokens={}).close()
