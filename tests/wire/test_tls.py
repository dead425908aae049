"""TLS to upstreams: chain and name are checked, nothing falls back to plain, nothing is told."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from proxy.exchange import Outcome
from proxy.policy import Limits, Secret, Upstream
from tests.doubles.faults import FaultProxy, Slicer
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawUpstream
from tests.doubles.requests import chat, get, prompt, request
from tests.doubles.tls_peer import TlsPeer
from tests.doubles.upstream import Server
from tests.doubles.wire import Wire
from tests.proxy.routes import route

KEY = "sk-CANARY-tls"
PIECE = bytes(range(256)) * 256


def inside(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def secure(
    server: Server | RawUpstream | FaultProxy, ca_file: str | None, host: str = "localhost"
) -> Upstream:
    return toward(server, host=host, tls=True, ca_file=ca_file, key=Secret(KEY))


@pytest.fixture
def good(authority: trustme.CA) -> ssl.SSLContext:
    return inside(authority.issue_cert("localhost"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_answers_pass_over_tls(authority: trustme.CA, ca_file: str, host: str) -> None:
    context = inside(authority.issue_cert(host))
    async with (
        Server("tls", tls=context) as server,
        running(secure(server, ca_file, host)) as proxy,
        proxy.client() as client,
    ):
        for stream in (False, True, True):
            answer = await client.ask(chat(stream=stream))
            assert answer.body == b"".join(server.requests[-1].answer.events)
        assert server.requests[0].header("authorization") == f"Bearer {KEY}"
        assert server.requests[0].header("host") == f"{host}:{server.port}"
        assert len(server.connections) == 1


async def test_megabytes_pass_both_ways_over_tls(good: ssl.SSLContext, ca_file: str) -> None:
    async with (
        Server("tls", tls=good) as server,
        running(secure(server, ca_file)) as proxy,
        proxy.client(receive_buffer=4096) as client,
    ):
        body = bytes(range(256)) * 40_000
        assert (await client.ask(request(target=b"/v1/odd", body=body))).status == 200
        assert server.requests[0].body.bytes == body
        answer = await client.ask(chat(size=10_000_000))
        assert answer.body == b"".join(server.requests[1].answer.events)
        assert len(server.connections) == 1


@pytest.mark.parametrize("pad", [0, 200_000])
async def test_a_request_of_a_migration_passes_whole_over_tls(
    good: ssl.SSLContext, ca_file: str, pad: int
) -> None:
    async with (
        Server("tls", tls=good) as server,
        running(secure(server, ca_file), routes=(route(),)) as proxy,
        proxy.client() as client,
    ):
        body = prompt() + b" " * pad
        assert (await client.ask(request(body=body))).status == 200
        assert server.requests[0].body.bytes == body


async def test_a_hang_up_stops_the_work_behind_tls(good: ssl.SSLContext, ca_file: str) -> None:
    async with Server("tls", tls=good) as server, running(secure(server, ca_file)) as proxy:
        async with proxy.client() as client:
            await client.send(chat(stream=True, hold_after=2))
            received = await server.arrived.get()
            await received.held.wait()
        assert await server.disconnects.get() is received
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED


@pytest.mark.parametrize("cut", ["fin", "rst"])
async def test_a_stream_cut_behind_tls_is_cut(good: ssl.SSLContext, ca_file: str, cut: str) -> None:
    async with (
        Server("tls", tls=good) as server,
        running(secure(server, ca_file)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat(stream=True, cut_after_bytes=300, cut=cut))
        assert not answer.complete
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_TRUNCATED


def expired(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))


def wrong_name(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("elsewhere.example")


def self_signed(authority: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert("localhost")


# 53: a generic answer; the reason is for the log alone
@pytest.mark.parametrize("issue", [expired, wrong_name, self_signed])
async def test_a_certificate_that_proves_nothing_is_a_502(
    authority: trustme.CA, ca_file: str, issue: object
) -> None:
    assert callable(issue)
    async with (
        Server("tls", tls=inside(issue(authority))) as server,
        running(secure(server, ca_file)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat())
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["code"]) == (502, "upstream_tls")
        assert "certificate" in error["message"]
        assert b"localhost" not in answer.body
        assert server.requests == []
        assert (await proxy.exchange()).outcome is Outcome.UPSTREAM_ERROR
        assert proxy.ledger.troubles["upstream_tls"] == 1


async def test_the_systems_roots_do_not_know_a_stranger(good: ssl.SSLContext) -> None:
    async with (
        Server("tls", tls=good) as server,
        running(secure(server, None)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).status == 502
        assert server.requests == []


async def test_an_old_version_of_tls_is_a_502(authority: trustme.CA, ca_file: str) -> None:
    context = inside(authority.issue_cert("localhost"))
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with (
        Server("tls", tls=context) as server,
        running(secure(server, ca_file)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).status == 502
        assert server.requests == []


# 53: never in plain
async def test_a_server_that_speaks_plain_gets_no_request(old: Server, ca_file: str) -> None:
    async with running(secure(old, ca_file)) as proxy, proxy.client() as client:
        assert (await client.ask(chat())).status == 502
    assert old.requests == []
    assert b"CANARY" not in b"".join(one.received.bytes for one in old.connections)


async def test_a_handshake_that_stalls_is_given_up(ca_file: str) -> None:
    async def act(wire: Wire) -> None:
        assert await wire.closed()

    async with (
        RawUpstream(act) as stalled,
        running(secure(stalled, ca_file), limits=Limits(connect_timeout=0.05)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(chat())
        assert answer.status == 504
        assert json.loads(answer.body)["error"]["code"] == "connect_timeout"
        assert await stalled.wires[0].closed()


async def test_only_http_1_1_is_offered(good: ssl.SSLContext, ca_file: str) -> None:
    async def act(wire: Wire) -> None:
        chosen.append(wire.transport.get_extra_info("ssl_object").selected_alpn_protocol())
        await wire.read_message()
        await wire.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        await wire.closed()

    chosen: list[str] = []
    good.set_alpn_protocols(["h2", "http/1.1"])
    async with (
        RawUpstream(act, tls=good) as upstream,
        running(secure(upstream, ca_file)) as proxy,
        proxy.client() as client,
    ):
        assert (await client.ask(chat())).status == 204
        assert chosen == ["http/1.1"]


# Where only the end of the connection ends an answer, TCP's own end proves nothing
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("said", [True, False])
async def test_an_answer_that_ends_with_the_connection_is_whole_by_close_notify_alone(
    good: ssl.SSLContext, ca_file: str, said: bool, version: bytes
) -> None:
    async def act(wire: Wire) -> None:
        peer = TlsPeer(good)
        while b"\r\n\r\n" not in peer.received:
            await wire.send(peer.take(await wire.read()))
        await wire.send(peer.say(b"HTTP/1.1 200 OK\r\n\r\nall of it"))
        if said:
            await wire.send(peer.goodbye())

    async with (
        RawUpstream(act) as upstream,
        running(secure(upstream, ca_file)) as proxy,
        proxy.client() as client,
    ):
        answer = await client.ask(get(b"/v1/odd", version=version))
        assert (answer.body, answer.complete) == (b"all of it", said)
        ended = Outcome.OK if said else Outcome.UPSTREAM_TRUNCATED
        assert (await proxy.exchange()).outcome is ended


async def test_a_client_that_never_reads_holds_an_upstream_behind_tls_back(
    good: ssl.SSLContext, ca_file: str
) -> None:
    async def act(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1000 * len(PIECE)))
        for _ in range(1000):
            await wire.send(PIECE)

    async with (
        RawUpstream(act, tls=good) as upstream,
        running(secure(upstream, ca_file)) as proxy,
        proxy.client(receive_buffer=4096) as client,
    ):
        client.pause()
        await client.send(get(b"/v1/odd"))
        wire = await upstream.arrived.get()
        await proxy.until(lambda: proxy.full and not wire.writable)
        assert 0 < proxy.held_bytes <= 256 * 1024
        client.reset()
        assert (await proxy.exchange()).outcome is Outcome.CLIENT_CANCELLED
        await wire.closed()


@pytest.mark.parametrize("size", [1, 7])
async def test_records_may_come_in_any_pieces(
    good: ssl.SSLContext, ca_file: str, size: int
) -> None:
    async with (
        Server("tls", tls=good) as server,
        FaultProxy(server.port, down=[Slicer(size=size)], up=[Slicer(size=size)]) as faults,
        running(secure(faults, ca_file)) as proxy,
        proxy.client() as client,
    ):
        for _ in range(2):
            answer = await client.ask(chat(stream=True))
            assert answer.body == b"".join(server.requests[-1].answer.events)
        assert len(server.connections) == 1
