"""tests/doubles/upstream.py: scripts are followed, and both directions are recorded exactly."""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import AsyncIterator

import brotli
import msgspec
import pytest
import trustme
import zstandard

from tests.doubles.message import Message
from tests.doubles.raw import RawClient, connected
from tests.doubles.script import Script, Tokens
from tests.doubles.upstream import Server
from tests.doubles.wire import Ended


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server("old") as running:
        yield running


@pytest.fixture
async def client(server: Server) -> AsyncIterator[RawClient]:
    async with connected(server.port) as opened:
        yield opened


def chat(*, stream: bool = False, head: str = "", **script: object) -> bytes:
    """A chat request whose header scripts the double."""
    body = json.dumps({"model": "m", "stream": stream, "messages": []}).encode()
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "Host: double",
        f"X-Script: {json.dumps(script)}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n" + head.encode() + b"\r\n" + body


async def test_both_directions_are_recorded_byte_for_byte(
    server: Server, client: RawClient
) -> None:
    request = chat(stream=True, head="X-Odd:  Case \r\n")
    answer = await client.ask(request)
    received = server.requests[0]
    await received.done.wait()
    assert received.connection.received.bytes == request
    assert received.answer_wire == answer.raw == client.received
    assert received.answer.body.bytes == answer.body == b"".join(received.answer.events)
    assert received.answer.complete
    assert (b"X-Odd", b"Case") in received.headers
    assert received.header("x-odd") == "Case"
    assert received.target == b"/v1/chat/completions"


async def test_two_requests_of_one_connection_have_their_own_answers(
    server: Server, client: RawClient
) -> None:
    first = await client.ask(chat(text="one"))
    second = await client.ask(chat(text="two"))
    await server.requests[1].done.wait()
    assert server.requests[0].connection is server.requests[1].connection
    assert server.requests[0].answer_wire == first.raw
    assert server.requests[1].answer_wire == second.raw
    assert b'"content":"two"' in second.body


async def test_the_script_may_stand_in_the_prompt(server: Server, client: RawClient) -> None:
    prompt = 'hello x-script: {"text": "so {it} is", "tokens": {"input": 3}} thanks'
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: d\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = json.loads((await client.ask(head.encode() + body)).body)
    assert answer["choices"][0]["message"]["content"] == "so {it} is"
    assert answer["usage"]["prompt_tokens"] == 3


async def test_the_script_may_stand_in_the_metadata(server: Server, client: RawClient) -> None:
    body = json.dumps({"model": "m", "metadata": {"x-script": '{"status": 418}'}}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: d\r\nContent-Length: {len(body)}\r\n\r\n"
    assert (await client.ask(head.encode() + body)).status == 418


async def test_planned_scripts_come_first_and_once(server: Server, client: RawClient) -> None:
    server.upcoming.extend([Script(status=503), Script(status=429, retry_after="1")])
    answers = [await client.ask(chat()) for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 429, 200]
    assert answers[1].get(b"retry-after") == b"1"


async def test_an_unknown_script_word_is_a_loud_error(server: Server, client: RawClient) -> None:
    answer = await client.ask(chat(staus=500))
    assert answer.status == 500
    assert b"staus" in answer.body


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "rot13"])
@pytest.mark.parametrize("stream", [True, False])
async def test_answers_can_be_compressed(
    server: Server, client: RawClient, encoding: str, stream: bool
) -> None:
    answer = await client.ask(chat(stream=stream, encoding=encoding))
    inflate = {
        "gzip": lambda body: zlib.decompress(body, 31),
        "deflate": zlib.decompress,
        "br": brotli.decompress,
        "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
        "rot13": bytes,
    }[encoding]
    assert answer.get(b"content-encoding") == encoding.encode()
    assert inflate(answer.body) == b"".join(server.requests[0].answer.events)


@pytest.mark.parametrize(("cut", "ended"), [("fin", Ended.FIN), ("rst", Ended.RST)])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_answer_ends_after_exactly_that_many_bytes(
    server: Server, client: RawClient, cut: str, ended: Ended, stream: bool
) -> None:
    answer = await client.ask(chat(stream=stream, cut_after_bytes=300, cut=cut))
    assert await client.closed() == ended
    assert not answer.complete
    assert server.requests[0].answer.body.length == 300
    assert client.received == server.requests[0].answer_wire


async def test_a_vanishing_upstream_sends_nothing(server: Server, client: RawClient) -> None:
    await client.send(chat(vanish=True))
    assert await client.rest() == b""
    assert client.ended == Ended.FIN


async def test_a_held_stream_goes_on_when_it_is_released(server: Server, client: RawClient) -> None:
    await client.send(chat(stream=True, hold_after=2))
    received = await server.arrived.get()
    await received.held.wait()
    assert received.answer.body.length == sum(map(len, received.answer.events[:2]))
    received.go.set()
    assert (await client.read_message()).body == b"".join(received.answer.events)


async def test_a_held_head_goes_on_when_it_is_released(server: Server, client: RawClient) -> None:
    await client.send(chat(hold_head=True))
    received = await server.arrived.get()
    await received.held.wait()
    assert client.received == b""
    received.go.set()
    assert (await client.read_message()).status == 200


@pytest.mark.parametrize("reset", [True, False])
async def test_a_client_that_leaves_is_seen(server: Server, reset: bool) -> None:
    async with connected(server.port) as client:
        await client.send(chat(stream=True, hang=True))
        received = await server.arrived.get()
        await client.until(b"[DONE]\n\n")
        client.reset() if reset else await client.close()
    assert await server.disconnects.get() is received
    assert received.connection.reset is reset
    assert received.disconnected_at is not None
    await received.done.wait()
    assert not received.answer.complete


async def test_a_client_that_leaves_after_the_answer_is_no_disconnect(server: Server) -> None:
    async with connected(server.port) as client:
        await client.ask(chat())
    await server.connections[0].ended.wait()
    assert server.disconnects.empty()


async def test_an_early_answer_does_not_wait_for_the_body(
    server: Server, client: RawClient
) -> None:
    request = chat(early=True, status=413, close=True)
    head, _, body = request.partition(b"\r\n\r\n")
    answer = await client.ask(head + b"\r\n\r\n" + body[:5])
    assert answer.status == 413
    assert not server.requests[0].read.is_set()


async def test_a_big_answer_has_the_size_that_was_asked(server: Server, client: RawClient) -> None:
    answer = await client.ask(chat(size=3_000_000))
    assert 3_000_000 <= len(answer.body) <= 3_001_000
    assert json.loads(answer.body)["object"] == "chat.completion"


async def test_a_head_request_gets_a_length_and_no_body(server: Server, client: RawClient) -> None:
    answer = await client.ask(b"HEAD /v1/models HTTP/1.1\r\nHost: d\r\n\r\n", no_body=True)
    assert answer.length is not None
    assert (await client.ask(chat())).status == 200


async def test_a_1_0_client_gets_its_stream_until_the_end_of_the_connection(
    server: Server, client: RawClient
) -> None:
    answer = await client.ask(chat(stream=True).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert client.ended == Ended.FIN


def events_of(answer: Message) -> list[bytes]:
    return answer.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")[:-1]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_streams_can_end_their_lines_in_every_way(
    server: Server, client: RawClient, line_end: str
) -> None:
    answer = await client.ask(chat(stream=True, line_end=line_end, events=3))
    assert len(events_of(answer)) == 6  # the role, three words, the finish reason, [DONE]
    assert answer.body.endswith(f"[DONE]{line_end}{line_end}".encode())


async def test_damage_is_done_as_scripted(server: Server, client: RawClient) -> None:
    error = await client.ask(chat(stream=True, error_event=True))
    assert b'"error":{' in events_of(error)[-1]
    cut = await client.ask(chat(stream=True, no_done=True, no_finish=True))
    assert b"finish_reason" in cut.body
    assert b'"finish_reason":"stop"' not in cut.body
    assert b"[DONE]" not in cut.body
    for stream in (True, False):
        broken = await client.ask(chat(stream=stream, malformed=True))
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(events_of(broken)[1][6:] if stream else broken.body)
    commented = await client.ask(chat(stream=True, comments=True, joined=True))
    assert len(commented.chunks) == 1
    assert commented.body.startswith(b": keep-alive\n\ndata: {")


async def test_usage_comes_as_scripted(server: Server, client: RawClient) -> None:
    tokens = msgspec.to_builtins(Tokens(input=9, cached_input=4, output=3, reasoning=2))
    used = json.loads((await client.ask(chat(tokens=tokens))).body)["usage"]
    assert (used["prompt_tokens"], used["completion_tokens"]) == (9, 3)
    assert used["prompt_tokens_details"]["cached_tokens"] == 4
    assert used["completion_tokens_details"]["reasoning_tokens"] == 2
    assert "usage" not in json.loads((await client.ask(chat(no_usage=True))).body)


async def test_unknown_paths_are_echoed_raw(server: Server, client: RawClient) -> None:
    target = "/v1/files//%2e;a=b?x=%20y&&"
    answer = await client.ask(f"DELETE {target} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
    seen = json.loads(answer.body)
    assert (seen["method"], seen["target"], seen["served_by"]) == ("DELETE", target, "old")
    assert server.requests[0].target == target.encode()


async def test_it_serves_tls_and_unix_sockets(tmp_path: object) -> None:
    authority = trustme.CA()
    import ssl

    inside, outside = (
        ssl.SSLContext(p) for p in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT)
    )
    authority.issue_cert("localhost").configure_cert(inside)
    authority.configure_trust(outside)
    async with Server("t", tls=inside) as server, connected(server.port, tls=outside) as client:
        assert (await client.ask(chat())).status == 200
    async with (
        Server("u", unix=f"{tmp_path}/double.sock") as server,
        connected(f"{tmp_path}/double.sock") as client,
    ):
        assert (await client.ask(chat())).get(b"x-served-by") == b"u"


async def test_it_runs_as_a_process_that_says_where_it_listens() -> None:
    command = (sys.executable, "-m", "tests.doubles.upstream", "--name", "old", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        where = json.loads(await process.stdout.readline())
        async with connected(where["port"]) as client:
            assert (await client.ask(chat())).get(b"x-served-by") == b"old"
    finally:
        process.terminate()
        assert await process.wait() == 0
