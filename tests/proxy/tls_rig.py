"""TLS without a socket: Rig is the client's side under test between a transport and a peer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import trustme

from proxy.carrying.tls import Tls
from tests.doubles.tls_peer import TlsPeer
from tests.doubles.transport import Transport
from tests.proxy.cuts import pieces

AUTHORITY = trustme.CA()
LONG = bytes(range(256)) * 1000  # many records


def inside(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


SERVER = inside(AUTHORITY.issue_cert("localhost"))
OLDER = inside(AUTHORITY.issue_cert("localhost"))
OLDER.maximum_version = ssl.TLSVersion.TLSv1_2
CLIENT = ssl.create_default_context()
AUTHORITY.configure_trust(CLIENT)


class Above(asyncio.Protocol):
    """The protocol above: writes down what it is told."""

    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.reads: list[bytes] = []
        self.told: list[str] = []
        self.lost: list[Exception | None] = []
        self.gone = asyncio.Event()
        self.on_read: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.reads.append(data)
        self.on_read()

    def eof_received(self) -> None:
        self.told.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)
        self.gone.set()

    def pause_writing(self) -> None:
        self.told.append("full")

    def resume_writing(self) -> None:
        self.told.append("drained")


class Rig:
    """TLS between a transport without a socket and a peer; `turn` carries bytes both ways."""

    def __init__(self, context: ssl.SSLContext = SERVER, *, name: str = "localhost") -> None:
        self.above = Above()
        self.peer = TlsPeer(context)
        self.results: list[Exception | None] = []
        self.tls = Tls(self.above, CLIENT, name, self.results.append)
        self.tcp = Transport(self.tls)

    def turn(self, cuts: list[int] | None = None) -> None:
        """Until both sides are silent, the server's bytes cut at these places."""
        while sent := self.tcp.clear():
            self.receive(*pieces(self.peer.take(sent), cuts or []))

    def receive(self, *wire: bytes) -> None:
        for piece in filter(None, wire):
            self.tcp.receive(piece)

    @property
    def plain(self) -> bytes:
        return b"".join(self.above.reads)
