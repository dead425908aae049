"""A real model API on loopback whose every answer is scripted by its request: Server."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import ssl
import sys
from collections import deque
from typing import Self

import msgspec
from aiohttp import web

from tests.doubles import api, performance
from tests.doubles.ask import Ask, understand
from tests.doubles.received import Received
from tests.doubles.script import Script, find
from tests.doubles.wiretap import Connection, Tap, TappedTransport

_HEADERS = 8 * 1024 * 1024  # no header limit of the double's own stands in a test's way


class Server:
    """OpenAI, Anthropic, Gemini, Ollama and Azure paths on 127.0.0.1, or on a unix socket.

    `requests` and `connections` hold everything in order. `arrived` gets each request when its
    head is there, `disconnects` each one whose connection ended before its answer was complete.
    A request's script is the next of `upcoming`, else its `x-script` header, else `x-script` in
    its body's texts, else `default`.
    """

    def __init__(
        self,
        name: str = "upstream",
        *,
        default: Script | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        unix: str | None = None,
    ) -> None:
        self.name = name
        self.default = default or Script()
        self.upcoming: deque[Script] = deque()
        self.requests: list[Received] = []
        self.connections: list[Connection] = []
        self.arrived: asyncio.Queue[Received] = asyncio.Queue()
        self.disconnects: asyncio.Queue[Received] = asyncio.Queue()
        self.port = port
        self._unix = unix
        self._tls = tls
        self._web = web.Server(
            self._handle,
            handler_cancellation=True,
            auto_decompress=False,
            max_line_size=_HEADERS,
            max_field_size=_HEADERS,
            max_headers=10_000,
        )

    @property
    def url(self) -> str:
        """Scheme, host and port, without a path."""
        if self._unix:
            return f"unix:{self._unix}"
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._unix:
            self._listener = await loop.create_unix_server(self._tapped, self._unix, ssl=self._tls)
        else:
            where = ("127.0.0.1", self.port)
            self._listener = await loop.create_server(self._tapped, *where, ssl=self._tls)
            self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        await self._web.shutdown(timeout=0)
        for connection in self.connections:
            if connection.made:
                await connection.ended.wait()
        await self._listener.wait_closed()

    def _tapped(self) -> Tap:
        connection = Connection(len(self.connections), asyncio.get_running_loop().time)
        self.connections.append(connection)
        return Tap(self._web(), connection)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        assert isinstance(transport, TappedTransport)
        connection = transport.connection
        received = Received(
            number=len(self.requests),
            connection=connection,
            method=request.method,
            target=request.raw_path.encode(),
            headers=tuple(request.raw_headers),
        )
        received.answer.wire_from = connection.sent.length
        connection.on_end = lambda: self._ended(received)
        self.requests.append(received)
        self.arrived.put_nowait(received)
        try:
            return await self._answer(request, received)
        except (performance.Severed, ConnectionError):
            return web.Response()  # nothing of it leaves: the connection is gone
        finally:
            received.answer.wire_to = connection.sent.length
            connection.on_end = None
            received.done.set()

    def _ended(self, received: Received) -> None:
        received.disconnected.set()
        self.disconnects.put_nowait(received)

    async def _answer(self, request: web.BaseRequest, received: Received) -> web.StreamResponse:
        header = request.headers.get("x-script")
        try:
            planned = self.upcoming.popleft() if self.upcoming else None
            received.script = planned or find(header, b"", self.default)
            if not received.script.early:
                await _read(request, received)
            if planned is None:
                received.script = find(header, _body(received), self.default)
        except msgspec.MsgspecError as unreadable:
            return web.Response(status=500, text=f"x-script: {unreadable}")
        reply = api.reply(self._ask(request, received))
        reply.headers.setdefault("x-served-by", self.name)
        response = await performance.perform(request, received, reply)
        received.answer.complete = True
        return response

    def _ask(self, request: web.BaseRequest, received: Received) -> Ask:
        target = request.raw_path
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = b"" if received.script.early else _body(received)
        operation, model, stream, decoded = understand(request.method, target, headers, body)
        return Ask(
            operation=operation,
            model=model,
            stream=stream,
            body=decoded,
            script=received.script,
            served_by=self.name,
            number=received.number,
            method=request.method,
            target=target,
        )


async def _read(request: web.BaseRequest, received: Received) -> None:
    async for piece in request.content.iter_any():
        received.body.add(piece)
    received.read.set()


def _body(received: Received) -> bytes:
    """The body, where it is short enough to say something."""
    return received.body.bytes if received.body.is_kept else b""


async def serve(name: str, port: int, unix: str | None, default: Script) -> None:
    """Serve until SIGINT or SIGTERM, after one line of JSON that says where."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(name, default=default, port=port, unix=unix) as server:
        where = {"name": name, "url": server.url, "port": server.port}
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """`python -m tests.doubles.upstream --port 0 --name old`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="upstream")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--unix")
    parser.add_argument("--script", default="{}", help="the default script, as JSON")
    given = parser.parse_args()
    default = msgspec.json.decode(given.script, type=Script)
    asyncio.run(serve(given.name, given.port, given.unix, default))


if __name__ == "__main__":
    main()
