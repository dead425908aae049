"""What the mutating calls take, and everything else that is sent instead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from control.api import bodies, listener
from tests.control.api.service import Service, service

RETRY = "/api/migrations/triage/retry"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"],
)
async def test_only_json_is_taken(api: Service, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = await api.call("POST", RETRY, data=b"{}", headers=headers)
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


async def test_json_with_a_charset_is_json(api: Service) -> None:
    await api.apply()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await api.call("POST", RETRY, data=b"{}", headers=headers)).status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff",
        b'{"reason":"\xff"}',
        b'{"reason":1}',
        b'{"reason":""}',
        b'{"reason":"%b"}' % (b"x" * 2_001),
        b'{"actor":"%b"}' % (b"x" * 201),
        b'{"actor":null}',
        b'{"wait":"no"}',
        b'{"expected_version":-1}',
        b'{"expected_version":1.5}',
        b'{"expected-version":1}',
        b'{"reson":' + b"[" * 100_000,
    ],
)
async def test_what_is_not_the_published_shape_is_refused(api: Service, data: bytes) -> None:
    answer = await api.call("POST", RETRY, data=data)
    assert (answer.status, answer.code) == (400, "invalid_body")


async def test_no_body_asks_for_nothing_special(api: Service) -> None:
    await api.apply()
    assert (await api.call("POST", RETRY, data=b"")).status == 200


async def test_a_body_over_the_limit_is_refused(api: Service) -> None:
    head = b"POST /api/rollback HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    body = b'{"reason":"' + b"x" * bodies.LARGEST + b'"}'
    answer = await api.raw(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.0 413 ")
    assert b'"code":"body_too_large"' in answer


async def test_a_compressed_body_is_not_inflated(api: Service) -> None:
    answer = await api.call(
        "POST", RETRY, data=b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}
    )
    assert (answer.status, answer.code) == (400, "invalid_body")


@pytest.mark.parametrize(
    ("framing", "begun"), [(b"Content-Length: 9", b"{"), (b"Transfer-Encoding: chunked", b"zz\r\n")]
)
async def test_a_body_that_never_ends_well_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, framing: bytes, begun: bytes
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.01)
    monkeypatch.setattr(listener, "LINGER_S", 0.01)
    async with service(tmp_path) as api:
        host, _, port = api.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /api/rollback HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nExpect: 100-continue\r\n%b\r\n\r\n" % framing
        )
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(begun)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        await writer.wait_closed()


async def test_a_caller_that_asks_first_is_told_to_go_on(api: Service) -> None:
    answer = await api.raw(
        b"POST /api/rollback HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
    )
    first, _, rest = answer.partition(b"\r\n\r\n")
    assert first == b"HTTP/1.1 100 Continue"
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"[]")
