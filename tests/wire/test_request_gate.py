"""What could be read two ways is refused and ends the connection; no upstream ever sees it."""

from __future__ import annotations

import json

import pytest

from tests.doubles.message import Message
from tests.doubles.plane import running, toward
from tests.doubles.raw import RawClient
from tests.doubles.requests import chat, get, request
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended

BODY = b'{"model":"gpt-4o"}'
SIZED = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
NEXT = get(b"/smuggled")

# The list that is measured in failure-cases.md, C: status and what is sent.
FRAMINGS = {
    "a length and an encoding": (SIZED, CHUNKED),
    "two lengths": (SIZED, b"Content-Length: 5"),
    "the same length twice": (SIZED, SIZED),
    "a list of lengths": (b"Content-Length: 5, 5",),
    "a signed length": (b"Content-Length: +5",),
    "an underscored length": (b"Content-Length: 0_5",),
    "an empty length": (b"Content-Length:",),
    "an overflowing length": (b"Content-Length: 18446744073709551621",),
    "an unknown encoding": (b"Transfer-Encoding: xchunked",),
    "identity after chunked": (b"Transfer-Encoding: chunked, identity",),
    "gzip before chunked": (b"Transfer-Encoding: gzip, chunked",),  # 31
    "two encodings": (CHUNKED, CHUNKED),
    "a vertical tab": (b"Transfer-Encoding: \x0bchunked",),
    "a bare line feed": (b"X: a\nY: b", SIZED),
    "a bare carriage return": (b"X: a\rY: b", SIZED),
    "a folded line": (b"X: a\r\n b", SIZED),
    "a space before the colon": (b"Content-Length : 5",),
    "a leading space": (b" Content-Length: 5",),
    "an empty name": (b": a", SIZED),
    "a NUL": (b"X: a\0b", SIZED),
    "a name beyond ASCII": ("Naïve: a".encode(), SIZED),
    "a second host": (b"Host: other", SIZED),
    "a length with an underscore in its name": (b"content_length: 5", SIZED),  # 45
    "a key with an underscore in its name": (b"x_api_key: sk-CANARY-gate", SIZED),  # 45
    "an underscore anywhere in a name": (b"x-a_b: 1", SIZED),  # 45
}
LINES = {
    b"GET / HTTP/0.9": 505,  # 30
    b"GET / HTTP/2.0": 505,
    b"GET / HTTP/1.2": 505,
    b"GET / RTSP/1.0": 505,
    b"GET / ICE/1.0": 505,
    b"PRI * HTTP/2.0": 505,
    b"GET /": 400,
    b"GET  / HTTP/1.1": 400,
    b"get / HTTP/1.1": 400,  # 33
    b"Get / HTTP/1.1": 400,
    b"TRACE / HTTP/1.1": 405,
    b"CONNECT a:443 HTTP/1.1": 405,
    b"QUERY / HTTP/1.1": 405,
    b"OPTIONS * HTTP/1.1": 421,
    b"GET http://a/ HTTP/1.1": 421,  # 34
    b"GET http://evil/ HTTP/1.1": 421,
    b"GET a:443 HTTP/1.1": 421,
    b"GET /a#b HTTP/1.1": 400,
    b"GET /a\\b HTTP/1.1": 400,  # 44
    b"GET /a\0b HTTP/1.1": 400,
    b"GET /a/../b HTTP/1.1": 400,
    b"GET /a/%2e%2e/b HTTP/1.1": 400,
    b"GET /a/.%2E/b HTTP/1.1": 400,
    b"GET /a%2f..%2fb HTTP/1.1": 400,
    b"GET /a/..%5cb HTTP/1.1": 400,
    b"GET /a%5cb HTTP/1.1": 400,
    b"GET /a%00b HTTP/1.1": 400,
    b"GET /a/%252e%252e/b HTTP/1.1": 400,
    "GET /ü HTTP/1.1".encode(): 400,
}
HOSTS = [b"", b"a/b", b"a?b", b"a#b", b"b@a", b"a:", b"a:x", b"a:123456", b"a b", b"a\\b", b"[::1"]


def code(answer: Message) -> str:
    error = json.loads(answer.body)["error"]
    assert error["type"] == "crossfade_error"
    return str(error["code"])


async def refused(old: Server, sent: bytes) -> Message:
    """The answer to what is sent before a good request, which nobody may see."""
    async with running(toward(old)) as proxy, proxy.client() as client:
        answer = await client.ask(sent + NEXT)
        assert answer.get(b"connection") == b"close"
        assert (await client.rest(), client.ended) == (b"", Ended.FIN)
        assert b"CANARY" not in answer.raw
        assert proxy.ledger.refusals[code(answer)] == 1
    assert (old.requests, proxy.exchanges) == ([], [])
    return answer


@pytest.mark.parametrize("case", FRAMINGS)
@pytest.mark.parametrize("body", [BODY, CHUNKS])
async def test_ambiguous_framing_is_refused(old: Server, case: str, body: bytes) -> None:
    sent = request(*FRAMINGS[case]) + body
    assert (await refused(old, sent)).status == 400


# 31
async def test_an_encoding_on_http_1_0_is_refused(old: Server) -> None:
    assert (await refused(old, request(CHUNKED, version=b"1.0") + CHUNKS)).status == 400


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.decode("latin-1"))
async def test_a_request_line_that_is_not_served_is_refused(old: Server, line: bytes) -> None:
    answer = await refused(old, line + b"\r\nHost: a\r\n\r\n")
    assert answer.status == LINES[line]


async def test_a_method_that_is_not_served_is_told_which_are(old: Server) -> None:
    answer = await refused(old, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.get(b"allow") == b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


# 34
@pytest.mark.parametrize("host", HOSTS)
async def test_a_host_that_is_none_is_refused(old: Server, host: bytes) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert (await refused(old, sent)).status == 400


async def test_a_request_without_a_host_is_refused(old: Server) -> None:
    assert (await refused(old, b"GET / HTTP/1.1\r\n\r\n")).status == 400


# 34: whatever the client calls its host, the upstream is told its own
async def test_the_upstream_is_told_its_own_host(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(b"GET /v1/models HTTP/1.1\r\nHost: api.openai.com:1\r\n\r\n")
        hosts = [value for name, value in old.requests[0].headers if name.lower() == b"host"]
        assert hosts == [b"127.0.0.1:%d" % old.port]


# 35: the bound is on the whole header, however it is spread over lines and reads
@pytest.mark.parametrize("size", [8000, 100])
async def test_a_header_beyond_the_bound_is_refused(old: Server, size: int) -> None:
    lines = [b"X-%d: " % n + b"a" * size for n in range(960_000 // size)]
    assert (await refused(old, get(b"/v1/models", *lines))).status == 431


async def test_a_header_without_an_end_is_refused_at_the_bound(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        await client.send(*[b"a" * 1000] * 66)
        assert (await client.read_message()).status == 431


async def test_a_header_within_the_bound_passes_whole(old: Server) -> None:
    lines = [b"X-%d: " % n + b"a" * 8000 for n in range(8)]
    async with running(toward(old)) as proxy, proxy.client() as client:
        assert (await client.ask(get(b"/v1/models", *lines))).status == 200
        assert sum(name.startswith(b"X-") for name, _ in old.requests[0].headers) == 8


async def test_empty_lines_before_a_request_are_few(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        assert (await client.ask(b"\r\n\r\n" + chat())).status == 200
        assert (await client.ask(b"\r\n" * 20 + chat())).status == 400


# 44: what is odd and harmless passes byte for byte, to a constant destination
@pytest.mark.parametrize(
    "target",
    b"// //evil.example/v1 /./v1/./x /%2f /a;b=1/c;d /a%20b /a?b=..%2f..&c=%00 /a?b?c /? /a%zz "
    b"/@evil.example /a..b/... /:80".split(),
)
async def test_odd_targets_pass_byte_for_byte(old: Server, target: bytes) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        await client.ask(get(target))
        head = old.connections[0].received.bytes
        assert head.startswith(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1:")


# 32: an upgrade is never made; what follows is one more request of ours
async def test_an_upgrade_to_a_websocket_is_refused_with_its_own_status(old: Server) -> None:
    sent = get(b"/v1/realtime", b"Connection: Upgrade", b"Upgrade: websocket")
    answer = await refused(old, sent)
    assert (answer.status, code(answer)) == (426, "websocket_unsupported")
    assert answer.get(b"upgrade") == b"HTTP/1.1"


@pytest.mark.parametrize("name", [b"Upgrade", b"uPGRADE"])
async def test_an_upgrade_to_http_2_is_ignored_and_its_body_is_read(
    old: Server, name: bytes
) -> None:
    lines = (b"Connection: Upgrade, HTTP2-Settings", name + b": h2c", b"HTTP2-Settings: AAMAAABk")
    async with running(toward(old)) as proxy, proxy.client() as client:
        first = await client.ask(request(*lines, body=BODY) + NEXT)
        second = await client.read_message()
        assert (first.status, second.status) == (200, 200)
        assert [received.target for received in old.requests] == [
            b"/v1/chat/completions",
            b"/smuggled",
        ]
        assert old.requests[0].body.bytes == BODY
        sent = {name.lower() for name, _ in old.requests[0].headers}
        assert sent.isdisjoint({b"upgrade", b"http2-settings", b"connection", b"x-masked-upgrade"})


async def test_bytes_behind_a_refusal_are_nobodys_request(old: Server) -> None:
    async with running(toward(old)) as proxy, proxy.client() as client:
        assert (await client.ask(chat())).status == 200
        answer = await client.ask(request(SIZED, CHUNKED) + BODY + NEXT * 3)
        assert answer.status == 400
        assert await drained(client) == b""
    assert len(old.requests) == 1


async def drained(client: RawClient) -> bytes:
    """What comes after the refusal, though the client goes on sending."""
    for _ in range(3):
        await client.send(NEXT)
    return await client.rest()
