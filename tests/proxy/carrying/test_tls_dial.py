"""Dialling with TLS: whom a handshake convinces, and that nothing is left of one that fails."""

from __future__ import annotations

import asyncio
import gc
import ssl
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from proxy.carrying.tls import Tls, dial
from tests.doubles.raw import RawUpstream
from tests.doubles.tls_peer import TlsPeer
from tests.doubles.transport import Transport
from tests.doubles.wire import Ended, Wire
from tests.proxy.tls_rig import AUTHORITY, CLIENT, LONG, SERVER, Above, inside


def expired() -> ssl.SSLContext:
    return inside(
        AUTHORITY.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))
    )


def misnamed() -> ssl.SSLContext:
    return inside(AUTHORITY.issue_cert("elsewhere.example"))


def unknown() -> ssl.SSLContext:
    return inside(trustme.CA().issue_cert("localhost"))


@pytest.mark.parametrize("make", [expired, misnamed, unknown])
async def test_a_certificate_that_proves_nothing_fails_the_dial_and_is_told_to_the_server(
    make: Callable[[], ssl.SSLContext],
) -> None:
    async def act(wire: Wire) -> None:
        peer = TlsPeer(make())
        await wire.send(peer.take(await wire.read()))
        with pytest.raises(ssl.SSLError, match="ALERT"):
            peer.take(await wire.read())
        assert await wire.closed()

    async with RawUpstream(act) as server:
        above = Above()
        with pytest.raises(ssl.SSLCertVerificationError):
            await dial(above, CLIENT, "localhost", "127.0.0.1", server.port)
        assert (above.transport, above.lost) == (None, [])
        assert await server.wires[0].closed()


async def test_a_peer_that_answers_in_plain_fails_the_dial() -> None:
    async def act(wire: Wire) -> None:
        await wire.read()
        await wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert await wire.closed()

    async with RawUpstream(act) as server:
        with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
            await dial(Above(), CLIENT, "localhost", "127.0.0.1", server.port)


@pytest.mark.parametrize("half", [0, 100])
@pytest.mark.parametrize("end", [Wire.reset, Wire.half_close])
async def test_a_peer_that_leaves_during_the_handshake_fails_the_dial(
    half: int, end: Callable[[Wire], None]
) -> None:
    async def act(wire: Wire) -> None:
        flight = TlsPeer(SERVER).take(await wire.read())
        await wire.send(flight[:half])
        end(wire)
        await wire.gone.wait()

    async with RawUpstream(act) as server:
        above = Above()
        with pytest.raises(ConnectionError):
            await dial(above, CLIENT, "localhost", "127.0.0.1", server.port)
        assert (above.transport, above.lost) == (None, [])


async def test_a_silent_peer_is_left_when_its_dial_is_cancelled() -> None:
    async def act(wire: Wire) -> None:
        assert (await wire.read())[:1] == b"\x16"
        dialling.cancel()
        assert await wire.closed() is Ended.FIN

    async with RawUpstream(act) as server:
        above = Above()
        dialling = asyncio.create_task(dial(above, CLIENT, "localhost", "127.0.0.1", server.port))
        await asyncio.wait([dialling])
        assert dialling.cancelled()
        assert await server.wires[0].closed()
        assert above.transport is None


@pytest.mark.parametrize("steps", range(16))
async def test_a_dial_that_is_cancelled_at_any_time_leaves_no_connection(steps: int) -> None:
    async def act(wire: Wire) -> None:
        await wire.closed()

    async with RawUpstream(act, tls=SERVER) as server:
        above = Above()
        dialling = asyncio.create_task(dial(above, CLIENT, "localhost", "127.0.0.1", server.port))
        for _ in range(steps):
            await asyncio.sleep(0)
        if not dialling.cancel():  # it was quicker
            assert isinstance(above.transport, Tls)
            above.transport.abort()
        await asyncio.wait([dialling])
        if above.transport is not None:
            await above.gone.wait()
        for wire in server.wires:
            await wire.closed()  # or this waits for ever


def test_a_connection_that_comes_after_it_was_given_up_is_closed() -> None:
    tls = Tls(Above(), CLIENT, "localhost", lambda _: None)
    tls.abort()
    tcp = Transport(tls)
    assert (tcp.aborted, tcp.written) == (True, b"")


async def test_a_failed_dial_is_no_garbage() -> None:
    async def act(wire: Wire) -> None:
        await wire.read()
        await wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await wire.closed()

    async with RawUpstream(act) as server:
        gc.collect()
        gc.disable()
        try:
            above = Above()
            left = weakref.ref(above)
            with pytest.raises(ssl.SSLError):
                await dial(above, CLIENT, "localhost", "127.0.0.1", server.port)
            del above
            for _ in range(10):  # the loop lets go of its handle a little later
                await asyncio.sleep(0)
            assert left() is None
        finally:
            gc.enable()


async def test_bytes_pass_both_ways_over_a_real_socket() -> None:
    async def act(wire: Wire) -> None:
        assert await wire.until(b"!!") == LONG + b"!!"
        await wire.send(LONG)

    async with RawUpstream(act, tls=SERVER) as server:
        above = Above()
        await dial(above, CLIENT, "localhost", "127.0.0.1", server.port)
        assert isinstance(above.transport, Tls)
        above.transport.write(LONG + b"!!")
        await above.gone.wait()
        assert (b"".join(above.reads), above.lost) == (LONG, [None])
