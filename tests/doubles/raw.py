"""Both ends as exact bytes: RawUpstream runs a script of reads and writes, RawClient is one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

from tests.doubles.message import Message
from tests.doubles.wire import Wire

Act = Callable[[Wire], Awaitable[None]]


class RawUpstream:
    """Listens on 127.0.0.1 and runs `act` for each connection, then ends it with FIN.

    `wires` holds every connection in order, `arrived` gets each as it is accepted. What `act`
    raises is raised again on exit, so that a script that was not followed fails its test.
    """

    def __init__(self, act: Act, *, tls: ssl.SSLContext | None = None) -> None:
        self.wires: list[Wire] = []
        self.arrived: asyncio.Queue[Wire] = asyncio.Queue()
        self.port = 0
        self._act = act
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[Exception] = []

    @property
    def url(self) -> str:
        """Scheme, host and port, without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._wire, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listener.wait_closed()
        if error is None and self._failures:
            raise ExceptionGroup("the upstream's script was not followed", self._failures)

    def _wire(self) -> Wire:
        return _Accepted(self._start)

    def _start(self, wire: Wire) -> None:
        self.wires.append(wire)
        self.arrived.put_nowait(wire)
        task = asyncio.get_running_loop().create_task(self._run(wire))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, wire: Wire) -> None:
        try:
            await self._act(wire)
        except ConnectionError:
            wire.reset()
        except asyncio.CancelledError:
            wire.reset()
        except Exception as failure:  # noqa: BLE001 - raised again on exit
            self._failures.append(failure)
        await wire.close()


class _Accepted(Wire):
    """A connection that tells the listener when it is there."""

    def __init__(self, start: Callable[[Wire], None]) -> None:
        super().__init__()
        self._start = start

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start(self)


class RawClient(Wire):
    """A client that sends exact bytes; `connected` opens one."""

    async def ask(self, *pieces: bytes, no_body: bool = False) -> Message:
        """Send these bytes, then read one answer."""
        await self.send(*pieces)
        return await self.read_message(no_body=no_body)


@contextlib.asynccontextmanager
async def connected(
    port: int | str, *, receive_buffer: int | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawClient]:
    """A raw connection to a port of 127.0.0.1 or to a unix socket's path.

    A small `receive_buffer` (bytes) makes a client that stops reading felt at once.
    """
    family = socket.AF_UNIX if isinstance(port, str) else socket.AF_INET
    end = socket.socket(family, socket.SOCK_STREAM)
    end.setblocking(False)
    if receive_buffer is not None:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(end, port if isinstance(port, str) else ("127.0.0.1", port))
    except OSError:
        end.close()
        raise
    name = "localhost" if tls else None
    _, client = await loop.create_connection(RawClient, sock=end, ssl=tls, server_hostname=name)
    try:
        yield client
    finally:
        await client.close()
