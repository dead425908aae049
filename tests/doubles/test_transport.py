"""tests/doubles/transport.py: the same contract as uvloop's transport, which runs beside it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Protocol, cast

import pytest

from tests.doubles.transport import Transport

MANY = b"x" * 8_000_000


class Witness(asyncio.Protocol):
    """Writes down what it is told, and when in the course of a write."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.told: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=1)

    def data_received(self, data: bytes) -> None:
        self.told.append(f"data {len(data)}")

    def eof_received(self) -> None:
        self.told.append("eof")

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost")


class Rig(Protocol):
    """A transport under test and its peer, which reads nothing by itself."""

    witness: Witness

    async def take_all(self) -> int:
        """The peer reads until nothing waits; gives how much it has read."""

    async def turn(self) -> None:
        """The loop goes round."""

    async def say(self, data: bytes) -> None:
        """The peer sends this, or its end."""


class Double:
    """The double, whose peer is this test."""

    def __init__(self) -> None:
        self.witness = Witness()
        self._transport = Transport(self.witness, room=1000)

    async def take_all(self) -> int:
        self._transport.drain()
        return len(self._transport.sent)

    async def turn(self) -> None:
        self._transport.turn()

    async def say(self, data: bytes) -> None:
        self._transport.receive(data) if data else self._transport.receive_eof()


class Real:
    """One end of a pair of sockets."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.here, self.there = socket.socketpair()
        self.there.setblocking(False)

    async def take_all(self) -> int:
        loop, taken = asyncio.get_running_loop(), 0
        while taken < len(MANY):
            piece = await loop.sock_recv(self.there, 1_000_000)
            taken += len(piece)
            if not piece:
                break
        await self.turn()
        return taken

    async def turn(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def say(self, data: bytes) -> None:
        self.there.send(data) if data else self.there.shutdown(socket.SHUT_WR)
        before = len(self.witness.told)
        while len(self.witness.told) == before:
            await self.turn()


@pytest.fixture(params=[Double, Real])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    made = request.param()
    if isinstance(made, Real):
        await asyncio.get_running_loop().create_connection(lambda: made.witness, sock=made.here)
    yield made
    made.witness.transport.abort()
    await made.turn()
    if isinstance(made, Real):
        made.there.close()


async def test_a_write_that_does_not_fit_says_so_at_once_and_once(rig: Rig) -> None:
    transport, told = rig.witness.transport, rig.witness.told
    transport.write(MANY)
    assert told == ["pause"]
    assert transport.get_write_buffer_size() > 0
    transport.write(b"more")
    assert told == ["pause"]
    await rig.take_all()
    await rig.turn()
    assert told == ["pause", "resume"]


async def test_a_close_waits_for_what_was_written(rig: Rig) -> None:
    transport, told = rig.witness.transport, rig.witness.told
    transport.write(MANY)
    transport.close()
    await rig.turn()
    assert transport.is_closing()
    assert told == ["pause"]
    assert await rig.take_all() == len(MANY)
    await rig.turn()
    assert told[-1] == "lost"


async def test_an_abort_waits_for_nothing(rig: Rig) -> None:
    transport, told = rig.witness.transport, rig.witness.told
    transport.write(MANY)
    transport.abort()
    assert told == ["pause"]
    await rig.turn()
    assert told == ["pause", "lost"]


async def test_nothing_may_be_written_after_the_end(rig: Rig) -> None:
    transport = rig.witness.transport
    transport.write_eof()
    with pytest.raises(RuntimeError):
        transport.write(b"more")


async def test_what_the_peer_sends_is_told_and_its_end_closes(rig: Rig) -> None:
    await rig.say(b"abc")
    await rig.say(b"")
    await rig.turn()
    assert rig.witness.told == ["data 3", "eof", "lost"]
