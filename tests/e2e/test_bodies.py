"""Odd, huge, broken and hostile bodies: refused where a migration needs them, else untouched."""

from __future__ import annotations

import gzip
import hashlib
import json

import psutil
import pytest

from tests.doubles.raw import connected
from tests.doubles.requests import chunked, get, prompt, request
from tests.e2e.asking import Seen, ask
from tests.e2e.stage import Stage

MIB = 1024 * 1024
PIECE = bytes(range(32, 127)) * 690  # 64 KiB that are no JSON

# Bodies of a request that some migration would have to read; `M` is a model that it asks for.
REFUSED = {
    "a model twice": (b'{"model": "M", "model": "x"}', "duplicate_field"),
    "a model in disguise": (b'{"model": "M", "m\\u006fdel": "x"}', "duplicate_field"),
    "a stream twice": (b'{"model": "M", "stream": true, "stream": false}', "duplicate_field"),
    "half": (b'{"model": "M", ', "unreadable_body"),
    "junk behind": (b'{"model": "M"} {}', "unreadable_body"),
    "a list": (b'[{"model": "M"}]', "unreadable_body"),
    "a text": (b'"M"', "unreadable_body"),
    "NaN": (b'{"model": "M", "top_p": NaN}', "unreadable_body"),
    "Infinity": (b'{"model": "M", "top_p": -Infinity}', "unreadable_body"),
    "a BOM": (b'\xef\xbb\xbf{"model": "M"}', "unreadable_body"),
    "no UTF-8": (b'{"model": "M", "user": "\xff"}', "unreadable_body"),
    "UTF-16": ('{"model": "M"}'.encode("utf-16"), "unreadable_body"),
    "a lone surrogate": (b'{"model": "M", "user": "\\ud800"}', "unreadable_body"),
    "a raw newline": (b'{"model": "M", "user": "a\nb"}', "unreadable_body"),
    "a comment": (b'{"model": "M"} // why not', "unreadable_body"),
    "a trailing comma": (b'{"model": "M",}', "unreadable_body"),
    "nested a million deep": (b'{"model": "M", "x": ' + b"[" * 10**6, "unreadable_body"),
}
PASSED = {
    "a number beyond 64 bits": b'{"model": "M", "seed": 36893488147419103232}',
    "a huge exponent": b'{"model": "M", "seed": 1e400}',
    "odd spaces": b' \r\n{ "model"\t:\n"M" , "n":1 } \n',
    "a stream of text": b'{"model": "M", "stream": "false"}',
    "a stream of one": b'{"model": "M", "stream": 0}',
    "very many choices": b'{"model": "M", "n": 100000}',
    "a model inside": b'{"x": {"model": "y", "model": "z"}, "model": "M"}',
    "another case": b'{"Model": "x", "model": "M"}',
}
UNMATCHED = {
    "a number": b'{"model": 4}',
    "a list": b'{"model": ["M"]}',
    "nothing": b'{"model": null}',
    "none": b"{}",
    "an empty one": b'{"model": ""}',
    "another": b'{"model": "M "}',
    "control characters": b'{"model": "M\\u0000\\r\\n"}',
    "a path": b'{"model": "../../M"}',
    "a megabyte": b'{"model": "%b"}' % (b"M" * MIB),
    "an unknown one": '{"model": "модель-🚦"}'.encode(),
}


async def sent(shared: Stage, body: bytes, model: str = "M") -> Seen:
    text = body.replace(b'"M"', f'"{model}"'.encode())
    return await ask(shared.crossfade, shared.apis, request(body=text))


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_read_is_refused_where_a_migration_reads(
    shared: Stage, case: str
) -> None:
    moved = shared.migrate(weight=100)
    body, code = REFUSED[case]
    seen = await sent(shared, body, moved.asks)
    assert (seen.answer.status, seen.code) == (400, code)
    assert seen.received is None
    assert shared.crossfade.admin.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize("depth", [255, 300, 500, 1000, 1024, 2000])
@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
async def test_depth_is_read_or_refused_and_never_a_crash(
    shared: Stage, depth: int, left: bytes, right: bytes
) -> None:
    moved = shared.migrate(weight=100)
    body = b'{"model": "M", "x": %b1%b}' % (left * depth, right * depth)
    seen = await sent(shared, body, moved.asks)
    if seen.answer.status == 400:
        assert seen.code == "unreadable_body"
    else:
        assert seen.answer.status == 200
        assert seen.received is not None
        assert seen.received.body.bytes == body.replace(b'"M"', b'"new-openai-1"')


@pytest.mark.parametrize("case", PASSED)
async def test_odd_bodies_keep_their_bytes(shared: Stage, case: str) -> None:
    moved = shared.migrate(weight=100)
    seen = await sent(shared, PASSED[case], moved.asks)
    assert seen.arm == b"candidate"
    assert seen.received is not None
    assert seen.received.body.bytes == PASSED[case].replace(b'"M"', b'"new-openai-1"')


@pytest.mark.parametrize("case", UNMATCHED)
async def test_models_that_nobody_migrates_pass_untouched(shared: Stage, case: str) -> None:
    shared.migrate(weight=100)
    seen = await sent(shared, UNMATCHED[case])
    assert (seen.answer.status, seen.arm) == (200, None)
    assert seen.received is not None
    assert seen.received.body.bytes == UNMATCHED[case]


@pytest.mark.parametrize("case", REFUSED)
async def test_where_no_migration_reads_everything_passes(shared: Stage, case: str) -> None:
    shared.migrate(weight=100)
    body, _ = REFUSED[case]
    raw = request(target=b"/u/old-openai/v1/chat/completions", body=body)
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.received is not None
    assert seen.received.body.bytes == body


async def test_requests_without_json_pass(shared: Stage) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nCANARY\r\n--x--\r\n'
    kind = b"Content-Type: multipart/form-data; boundary=x"
    shared.migrate(weight=100)
    for raw, body in (
        (request(kind, target=b"/v1/files", body=form), form),
        (request(kind, target=b"/v1/audio/transcriptions", body=form), form),
        (request(method=b"GET", target=b"/v1/models", body=b'{"a": 1}'), b'{"a": 1}'),
        (request(method=b"DELETE", target=b"/v1/files/file-1"), b""),
        (get(b"/v1/chat/completions"), b""),
        (request(b"Content-Length: 0"), b""),
    ):
        seen = await ask(shared.crossfade, shared.apis, raw)
        assert seen.answer.status == 200, raw
        assert seen.received is not None
        assert seen.received.body.bytes == body


async def test_a_compressed_request_passes_unread_and_is_counted(shared: Stage) -> None:
    moved = shared.migrate(weight=100)
    before = shared.crossfade.admin.metrics().value("crossfade_unread_bodies_total")
    body = gzip.compress(prompt(model=moved.asks))
    seen = await ask(shared.crossfade, shared.apis, request(b"Content-Encoding: gzip", body=body))
    assert seen.arm is None
    assert seen.received is not None
    assert seen.received.body.bytes == body
    assert seen.received.header("content-encoding") == "gzip"
    after = shared.crossfade.admin.metrics().value("crossfade_unread_bodies_total")
    assert after == before + 1


@pytest.mark.parametrize("framing", ["sized", "chunked"])
async def test_fifty_megabytes_stream_through_while_others_are_served(
    shared: Stage, framing: str
) -> None:
    """Over max_parse: unmatched, never held whole, and the loop is free between its pieces."""
    moved = shared.migrate(weight=100)
    process = psutil.Process(shared.crossfade.pid)
    before = shared.crossfade.admin.metrics().value("crossfade_unread_bodies_total")
    memory = process.memory_info().rss
    digest = hashlib.sha256()
    async with (
        connected(shared.crossfade.port) as client,
        connected(shared.crossfade.port) as other,
    ):
        size = 800 * len(PIECE)
        assert size >= 50 * MIB
        length = (
            b"Content-Length: %d" % size if framing == "sized" else b"Transfer-Encoding: chunked"
        )
        await client.send(request(length))
        for number in range(800):
            digest.update(PIECE)
            await client.send(
                b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if framing == "chunked" else PIECE
            )
            if number % 100 == 0:
                small = await other.ask(request(body=prompt(model=moved.asks)))
                assert small.get(b"x-crossfade-arm") == b"candidate"
                assert process.memory_info().rss < memory + 32 * MIB
        if framing == "chunked":
            await client.send(b"0\r\n\r\n")
        answer = await client.read_message()
    assert (answer.status, answer.get(b"x-crossfade-arm")) == (200, None)
    number = int((answer.get(b"x-request-id") or b"").removeprefix(b"req_"))
    assert shared.apis.old.requests[number].body.digest == digest.hexdigest()
    after = shared.crossfade.admin.metrics().value("crossfade_unread_bodies_total")
    assert after == before + 1


@pytest.mark.parametrize("expect", [b"x-none: 1", b"Expect: 100-continue"])
async def test_a_body_over_the_limit_is_refused_before_it_is_read(
    shared: Stage, expect: bytes
) -> None:
    before = len(shared.apis.old.requests)
    raw = request(b"Content-Length: %d" % (64 * MIB + 1), expect)
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert (seen.answer.status, seen.code) == (413, "body_too_large")
    assert len(shared.apis.old.requests) == before


async def test_chunks_over_the_limit_are_refused_where_they_pass_it(hasty: Stage) -> None:
    async with connected(hasty.crossfade.port) as client:
        await client.send(request(b"Transfer-Encoding: chunked"))
        try:
            for _ in range(17 * 5):
                await client.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
        except ConnectionError:
            pass
        answer = await client.read_message()
    assert answer.status == 413
    assert json.loads(answer.body)["error"]["code"] == "body_too_large"


async def test_a_body_that_stalls_is_let_go(hasty: Stage) -> None:
    async with connected(hasty.crossfade.port) as client:
        answer = await client.ask(request(b"Content-Length: 100"), b'{"model": "gpt-4o"')
        assert answer.status == 408
        assert json.loads(answer.body)["error"]["code"] == "body_timeout"
        await client.closed()
    assert hasty.crossfade.admin.metrics().value("crossfade_active_streams") == 0


async def test_chunks_and_their_extensions_reach_the_upstream_as_one_body(shared: Stage) -> None:
    moved = shared.migrate(weight=100)
    body = prompt(model=moved.asks)
    raw = chunked([body[:7], body[7:]], extension=b";CANARY=1", trailers=b"X-Late: CANARY\r\n")
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.arm == b"candidate"
    assert seen.received is not None
    assert b"CANARY=1" not in seen.received.connection.received.bytes
    assert json.loads(seen.received.body.bytes)["model"] == "new-openai-1"
