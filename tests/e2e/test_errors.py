"""The published table of errors, held against what a running crossfade answers."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.doubles.message import Message
from tests.doubles.raw import RawUpstream, connected
from tests.doubles.requests import CHAT, chat, chunked, get, prompt, request
from tests.doubles.wire import Wire
from tests.e2e import canary
from tests.e2e.conftest import Make
from tests.e2e.process import Crossfade
from tests.e2e.stage import Stage, file

LIMITS = {
    "max_body": "1MiB",
    "header_timeout": "300ms",
    "body_timeout": "300ms",
    "connect_timeout": "300ms",
    "first_byte_timeout": "600ms",
}
SECRET = b"Authorization: Bearer " + canary.CALLER.encode()
ASKED = "asked"


class Row(NamedTuple):
    """One row of docs/errors.md."""

    code: str
    status: int
    message: str
    retry_after: str
    closes: bool


def table(crossfade: Crossfade) -> dict[str, Row]:
    """The table as the page has it, which the admin API has too."""
    page = (crossfade.root / "docs" / "errors.md").read_text()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    rows = {
        code.strip("`"): Row(code.strip("`"), int(status), says, after, ends == "closes")
        for code, status, _, says, after, ends in (row for row in cells if len(row) == 6)
    }
    told = crossfade.admin.get("/api/errors")["traffic"]
    assert {one["code"]: (one["status"], one["message"]) for one in told} == {
        row.code: (row.status, row.message) for row in rows.values()
    }
    return rows


def sent() -> dict[str, bytes]:
    """A request for each error that one can be made to meet."""
    post = b"POST " + CHAT + b" HTTP/1.1\r\nHost: c\r\n" + SECRET + b"\r\n"
    return {
        "malformed_request": post + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "unsafe_path": get(b"/v1/%2e%2e/CANARY", SECRET),
        "misdirected_request": get(b"http://CANARY/v1/models", SECRET),
        "method_not_allowed": request(SECRET, method=b"TRACE"),
        "http_version_not_supported": get(b"/v1/models", SECRET, version=b"2.0"),
        "headers_too_large": get(b"/v1/models", b"X-Long: " + b"CANARY" * 12_000),
        "body_too_large": request(SECRET, b"Content-Length: 1048577"),
        "expectation_failed": request(SECRET, b"Expect: CANARY", body=prompt()),
        "header_timeout": post,
        "body_timeout": request(SECRET, b"Content-Length: 100") + b"CANARY",
        "websocket_unsupported": get(
            b"/v1/realtime", SECRET, b"Connection: Upgrade", b"Upgrade: websocket"
        ),
        "unreadable_body": request(SECRET, body=b'{"model": "CANARY'),
        "duplicate_field": request(SECRET, body=b'{"model": "CANARY", "model": "CANARY"}'),
        "unknown_upstream": get(b"/u/CANARY/v1/models", SECRET),
        "no_upstream": request(SECRET, target=b"/v1/messages", body=prompt()),
        "upstream_unreachable": get(b"/u/gone/v1/models", SECRET),
        "upstream_tls": get(b"/u/plain/v1/models", SECRET),
        "upstream_closed": chat(SECRET, model=ASKED, vanish=True),
        "upstream_malformed": get(b"/u/junk/v1/models", SECRET),
        "connect_timeout": get(b"/u/full/v1/models", SECRET),
        "first_byte_timeout": chat(SECRET, model=ASKED, hold_head=True),
    }


async def junk(wire: Wire) -> None:
    await wire.read_head()
    await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nCANARY")
    await wire.closed()


@pytest.fixture
async def broken(make: Make, shared: Stage) -> AsyncIterator[Crossfade]:
    """A crossfade before upstreams that are broken in every way."""
    with ExitStack() as stack:
        full = _full(stack)
        async with RawUpstream(junk) as junky:
            urls = {
                "only": shared.apis.old.url,
                "gone": "http://127.0.0.1:9",
                "plain": f"https://127.0.0.1:{shared.apis.old.port}",
                "junk": junky.url,
                "full": f"http://127.0.0.1:{full}",
            }
            upstreams = {name: {"url": url, "dialect": "openai"} for name, url in urls.items()}
            models = {"old-openai": {"upstream": "only"}, "new-openai": {"upstream": "only"}}
            crossfade = make({"upstreams": upstreams, "models": models, "limits": LIMITS})
            crossfade.start()
            crossfade.admin.put("broken", file("broken", ASKED))
            yield crossfade


def _full(stack: ExitStack) -> int:
    """A port that answers no more connections: its queue is full."""
    listener = stack.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(4):
        end = stack.enter_context(socket.socket())
        end.setblocking(False)
        end.connect_ex(listener.getsockname())
    port: int = listener.getsockname()[1]
    return port


async def test_every_error_is_as_published(broken: Crossfade) -> None:
    rows = table(broken)
    for code, raw in sent().items():
        async with connected(broken.port) as client:
            answer = await client.ask(raw)
            _check(answer, rows[code])
            if rows[code].closes:
                await client.closed()
            else:
                assert (await client.ask(get())).status == 200, code
    counted = broken.admin.metrics()
    for code in ("malformed_request", "unreadable_body", "header_timeout", "unknown_upstream"):
        assert counted.value("crossfade_refused_total", code=code) == 1, code
    for code in ("upstream_unreachable", "upstream_tls", "connect_timeout"):
        assert counted.value("crossfade_upstream_troubles_total", code=code) == 1, code


def _check(answer: Message, row: Row) -> None:
    error = json.loads(answer.body)["error"]
    assert (error["code"], answer.status) == (row.code, row.status)
    assert (error["message"], error["type"]) == (row.message, "crossfade_error")
    after = answer.get(b"retry-after")
    assert (after or b"").decode() == row.retry_after.removesuffix(" s")
    assert (answer.get(b"connection") == b"close") == row.closes, row.code
    assert canary.MARK not in answer.raw


async def test_the_errors_of_uploads_are_as_published(broken: Crossfade) -> None:
    rows = table(broken)
    pieces = [b"CANARY" * 10_000] * 20
    async with connected(broken.port) as client:
        sending = asyncio.create_task(client.send(chunked(pieces)))
        answer = await client.read_message()
        await asyncio.wait([sending])
        _check(answer, rows["body_too_large"])
