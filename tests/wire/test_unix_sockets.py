"""Unix sockets on both sides carry the same bytes, and know the same ends."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from proxy.errors import Invalid
from proxy.exchange import Outcome
from tests.doubles.plane import running, toward
from tests.doubles.raw import connected
from tests.doubles.requests import chat
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended
from tests.doubles.worker import upstream


async def test_answers_pass_over_unix_sockets_on_both_sides(tmp_path: Path) -> None:
    front, back = f"unix:{tmp_path}/front.sock", f"{tmp_path}/back.sock"
    model = upstream(host="models.internal", port=80, socket=back)
    async with (
        Server("unix", unix=back) as server,
        running(model, listen=front) as proxy,
        proxy.client() as client,
    ):
        assert proxy.address == front
        for stream in (False, True, True):
            answer = await client.ask(chat(stream=stream))
            assert answer.body == b"".join(server.requests[-1].answer.events)
        assert server.requests[0].header("host") == "models.internal"
        assert len(server.connections) == 1


async def test_a_hang_up_on_a_unix_socket_is_seen(tmp_path: Path) -> None:
    back = f"{tmp_path}/back.sock"
    async with (
        Server("unix", unix=back) as server,
        running(upstream(socket=back), listen=f"unix:{tmp_path}/front.sock") as proxy,
    ):
        async with proxy.client() as client:
            await client.send(chat(stream=True, hold_after=2))
            received = await server.arrived.get()
            await received.held.wait()
        assert await server.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED


async def test_a_cut_stream_on_a_unix_socket_is_not_complete(old: Server, tmp_path: Path) -> None:
    async with (
        running(toward(old), listen=f"unix:{tmp_path}/front.sock") as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True, cut_after_bytes=300))
        assert not answer.complete
        assert client.ended is Ended.FIN


async def test_a_missing_upstream_socket_is_a_502(tmp_path: Path) -> None:
    async with (
        running(upstream(socket=f"{tmp_path}/nobody.sock")) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).status == 502
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_ERROR


async def test_a_socket_that_a_killed_process_left_is_taken_over(
    old: Server, tmp_path: Path
) -> None:
    path = tmp_path / "front.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert path.is_socket()
    async with running(toward(old), listen=f"unix:{path}"), connected(str(path)) as client:
        assert (await client.ask(chat())).status == 200


async def test_a_socket_that_somebody_listens_on_is_left_alone(old: Server, tmp_path: Path) -> None:
    listen = f"unix:{tmp_path}/front.sock"
    async with running(toward(old), listen=listen) as first:
        with pytest.raises(OSError, match="another process"):
            async with running(toward(old), listen=listen):
                pass
        async with first.client() as client:
            assert (await client.ask(chat())).status == 200


@pytest.mark.parametrize("address", ["", "8080", "host:", ":80", "host:port", "host:65536"])
async def test_an_address_that_is_none_is_refused(old: Server, address: str) -> None:
    with pytest.raises(Invalid):
        async with running(toward(old), listen=address):
            pass
