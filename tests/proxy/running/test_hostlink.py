"""A worker's link never waits for the parent, hears it, and notices its end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from proxy.running import hostlink
from proxy.running.frames import MAX_FRAME, Frames, Kind, Standing, frame
from proxy.running.hostlink import HostLink


class Pair:
    """A link, what it was told, and the parent's end of it."""

    def __init__(self) -> None:
        self.ours, theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.descriptor = theirs.detach()
        self.left, self.looked, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.asked = asyncio.Event()
        self.link = HostLink(
            leave=self.left.set,
            look=self.looked.set,
            gone=self.gone.set,
            flush=self.asked.set,
        )

    async def read(self, count: int) -> list[tuple[Kind, bytes]]:
        frames = Frames()
        found: list[tuple[Kind, bytes]] = []
        while len(found) < count:
            loop = asyncio.get_running_loop()
            found += frames.feed(await loop.sock_recv(self.ours, 65_536))
        return found


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    await made.link.connect(made.descriptor)
    yield made
    made.link.close()
    await made.gone.wait()
    made.ours.close()


async def test_what_a_worker_says_arrives_in_order(pair: Pair) -> None:
    pair.link.ready()
    pair.link.say(Standing(worker="w", version=3))
    await pair.link.push(b"a delta")
    (ready, said, delta) = await pair.read(3)
    assert (ready, said[0], delta) == ((Kind.READY, b""), Kind.STANDING, (Kind.DELTA, b"a delta"))


async def test_the_parent_is_heard(pair: Pair) -> None:
    pair.ours.send(frame(Kind.LOOK) + frame(Kind.READY))
    await pair.looked.wait()
    assert not pair.left.is_set()
    pair.ours.send(frame(Kind.LEAVE))
    await pair.left.wait()


async def test_a_flush_is_asked_for_and_told_of(pair: Pair) -> None:
    pair.ours.send(frame(Kind.FLUSH))
    await pair.asked.wait()
    pair.link.flushed()
    assert await pair.read(1) == [(Kind.FLUSHED, b"")]


async def test_the_parents_end_is_noticed_and_nothing_is_said_into_the_void(pair: Pair) -> None:
    pair.ours.close()
    await pair.gone.wait()
    pair.link.ready()
    assert pair.link.dropped == 1


async def test_a_parent_that_does_not_read_holds_nobody_up(pair: Pair) -> None:
    piece = b"x" * 1_000_000
    while not pair.link.dropped:
        await pair.link.push(piece)
    assert pair.link.dropped == 1
    assert hostlink.MOST_UNSENT < 10_000_000
    assert pair.link._transport is not None
    pair.link._transport.abort()


async def test_nonsense_from_the_parent_ends_the_link(pair: Pair) -> None:
    pair.ours.send(bytes((1,)) + (MAX_FRAME + 1).to_bytes(4))
    await pair.gone.wait()


async def test_a_number_that_is_no_socket_is_refused() -> None:
    pair = Pair()
    with pytest.raises(OSError, match=r".*"):
        await pair.link.connect(999)
    pair.ours.close()
    socket.socket(fileno=pair.descriptor).close()
