"""The plane: what it listens on, how it drains, and that nothing is left when it is closed."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from proxy.carrying.plane import Plane, split_address
from proxy.carrying.wheel import NEVER, Timed
from proxy.errors import Invalid
from proxy.policy import Snapshot
from tests.doubles.plane import running
from tests.doubles.raw import RawClient, RawUpstream, connected
from tests.doubles.requests import chat, get
from tests.doubles.wire import Ended, Wire
from tests.doubles.worker import VERSION, Bench, upstream
from tests.proxy.routes import route


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("localhost:65535", ("localhost", 65535)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts


@pytest.mark.parametrize(
    "address", ["", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "a:65536", "a:-1"]
)
def test_anything_else_is_no_address(address: str) -> None:
    with pytest.raises(Invalid, match="HOST:PORT"):
        split_address(address)


async def test_several_addresses_are_served_and_told_as_bound(tmp_path: Path) -> None:
    plane, path = Plane(Bench().worker), str(tmp_path / "s")
    bound = await plane.listen(["127.0.0.1:0", f"unix:{path}"])
    port = int(bound[0].removeprefix("127.0.0.1:"))
    assert bound[1:] == [f"unix:{path}"]
    for place in (port, path):
        async with connected(place) as client:
            assert (await client.ask(get())).status == 404
    await plane.close()


async def test_an_address_that_is_taken_is_an_error() -> None:
    plane = Plane(Bench().worker)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError, match="in use"):
            await plane.listen([f"127.0.0.1:{taken.getsockname()[1]}"])
        await plane.close()


async def test_a_socket_that_nobody_listens_on_any_more_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    plane = Plane(Bench().worker)
    await plane.listen([f"unix:{path}"])
    second = Plane(Bench().worker)
    with pytest.raises(OSError, match="another process listens"):
        await second.listen([f"unix:{path}"])
    async with connected(str(path)) as client:
        assert (await client.ask(get())).status == 404
    await second.close()
    await plane.close()


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("kept")
    plane = Plane(Bench().worker)
    with pytest.raises(OSError, match="precious"):
        await plane.listen([f"unix:{path}"])
    assert path.read_text() == "kept"
    await plane.close()


def test_the_snapshot_is_what_was_swapped_in_last() -> None:
    plane = Plane(Bench(upstream()).worker)
    assert plane.snapshot == Snapshot(epoch=1, version=VERSION)
    newer = Snapshot(epoch=1, version=VERSION + 1, routes=(route(),))
    plane.swap(newer)
    with pytest.raises(Invalid):
        Plane(Bench().worker).swap(newer)  # this one has no upstream
    assert plane.snapshot == newer
    plane.worker.routing = None
    assert plane.snapshot is None


class _Waiting(Timed):
    """Something that waits for its deadline."""

    def __init__(self) -> None:
        super().__init__()
        self.expired = asyncio.Event()

    def expire(self) -> None:
        self.deadline = NEVER
        self.expired.set()


async def test_deadlines_pass_while_it_listens() -> None:
    async with running() as proxy:
        for _ in range(2):  # the wheel turns again and again
            timed = _Waiting()
            proxy.worker.wheel.set(timed, proxy.clock() + 1)
            proxy.clock.now += 1_000_000
            await timed.expired.wait()


async def test_a_plane_without_clients_is_drained_at_once() -> None:
    async with running() as proxy:
        assert not proxy.plane.draining
        assert await proxy.plane.drain(0)
        assert proxy.plane.draining


async def test_draining_sends_idle_clients_away_and_takes_no_new_ones() -> None:
    async with running() as proxy, proxy.client() as idle:
        await idle.ask(get())
        assert await proxy.plane.drain(30)
        assert await idle.closed() is Ended.FIN
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the kernel likes
            async with connected(proxy.port) as late:
                await late.ask(get())


async def test_who_is_accepted_as_the_draining_begins_is_still_answered() -> None:
    loop = asyncio.get_running_loop()
    async with running() as proxy:
        end = socket.create_connection(("127.0.0.1", int(proxy.port)))  # the loop stands meanwhile
        draining = asyncio.ensure_future(proxy.plane.drain(30, linger_s=30))
        _, client = await loop.create_connection(RawClient, sock=end)
        assert not draining.done()  # who drains closes the plane next
        answer = await client.ask(get())
        assert (answer.status, answer.get(b"connection")) == (404, b"close")
        await client.close()
        assert await draining


async def test_what_outlasts_the_draining_is_answered_and_counted_as_cut() -> None:
    async with RawUpstream(_silent) as silent, running(upstream(port=silent.port)) as proxy:
        async with proxy.client() as client:
            await client.send(chat())
            await silent.arrived.get()
            assert proxy.plane.active == 1
            assert not await proxy.plane.drain(0)
            assert (await client.read_message()).status == 503
        assert proxy.plane.active == 0


async def test_closing_cuts_what_still_runs() -> None:
    async with RawUpstream(_silent) as silent, running(upstream(port=silent.port)) as proxy:
        async with proxy.client() as client:
            await client.send(chat())
            await (await silent.arrived.get()).read_head()
            await proxy.plane.close()
            assert await client.closed()
            assert client.received == b""
        await silent.wires[0].closed()


async def test_a_plane_that_never_listened_can_be_closed() -> None:
    await Plane(Bench().worker).close()


async def _silent(wire: Wire) -> None:
    """Takes a request and never answers."""
    await wire.gone.wait()
