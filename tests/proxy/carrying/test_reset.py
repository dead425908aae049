"""A reset on close is told from an end, by TCP."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

from proxy.carrying.reset import reset_on_close
from tests.doubles.raw import connected
from tests.doubles.transport import Transport
from tests.doubles.wire import Ended, Wire


async def served(resets: bool) -> Ended | None:
    """How a connection ends for its client."""

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            if resets:
                reset_on_close(cast("asyncio.Transport", transport))
            transport.close()

    listener = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    async with listener, connected(listener.sockets[0].getsockname()[1]) as client:
        return await client.closed()


async def test_the_end_of_a_tcp_connection_becomes_a_reset() -> None:
    assert await served(resets=False) is Ended.FIN
    assert await served(resets=True) is Ended.RST


async def test_a_unix_socket_is_left_as_it_is() -> None:
    here, there = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Wire, sock=here)
    reset_on_close(transport)
    assert there.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER) == 0
    transport.close()
    there.close()


def test_a_transport_without_a_socket_is_left_as_it_is() -> None:
    reset_on_close(Transport(asyncio.Protocol()))
