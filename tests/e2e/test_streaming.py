"""A streamed answer reaches the client as it was sent, and the figures are those that it held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import pytest

from tests.doubles.message import Message
from tests.doubles.raw import connected
from tests.doubles.received import Received
from tests.e2e.shapes import ARRAY, CHAT, GENERATE, SILENT, STREAMS, Shape
from tests.e2e.stage import CHEAP, Migration, Stage

TOKENS = {"input": 1_000, "cached_input": 300, "output": 70, "reasoning": 20}
PLAIN = TOKENS | {"cached_input": 0, "reasoning": 0}
CODINGS = ("gzip", "deflate", "br", "zstd")


def named(shape: Shape) -> str:
    return shape.name


async def streamed(
    stage: Stage, migration: Migration, shape: Shape, **script: object
) -> tuple[Message, Received]:
    """An answer as the client has it, and the request as the model API has it."""
    async with connected(stage.crossfade.port) as client:
        answer = await client.ask(shape.request(migration.asks, **script))
    headers = {name.decode().lower(): value.decode() for name, value in answer.headers}
    return answer, await asyncio.to_thread(stage.apis.behind, headers)


def check_figures(migration: Migration, tokens: Mapping[str, int] = TOKENS) -> None:
    """The candidate's figures are those of one answer that used these tokens."""
    arm = migration.view()["arms"]["candidate"]
    assert arm["tokens"] == tokens
    assert arm["usage"] == {"final": 1, "estimated": 0, "missing": 0}
    usd = _usd(tokens)
    assert arm["cost_usd"] == pytest.approx(usd, rel=1e-12)
    metrics = migration.admin.metrics()
    place = {"migration": migration.name, "arm": "candidate"}
    for kind, count in tokens.items():
        assert metrics.value("crossfade_tokens_total", kind=kind, **place) == count
    assert metrics.value("crossfade_cost_usd_total", **place) == pytest.approx(usd, rel=1e-12)
    assert metrics.value("crossfade_usage_total", state="final", **place) == 1
    assert metrics.value("crossfade_requests_total", outcome="ok", **place) == 1
    assert metrics.value("crossfade_requests_total", **place) == 1
    assert metrics.value("crossfade_time_to_first_token_seconds_count", **place) == 1


def _usd(tokens: Mapping[str, int]) -> float:
    fresh = tokens["input"] - tokens["cached_input"]
    cached, output = (
        tokens["cached_input"] * CHEAP["cached_input"],
        tokens["output"] * CHEAP["output"],
    )
    return (fresh * CHEAP["input"] + cached + output) / 1e6


@pytest.mark.parametrize("shape", STREAMS, ids=named)
async def test_every_dialects_stream_arrives_as_it_was_sent(shared: Stage, shape: Shape) -> None:
    migration = shared.migrate(shape.dialect, weight=100)
    answer, received = await streamed(shared, migration, shape, tokens=TOKENS)
    assert answer.complete
    assert answer.body == received.answer.body.bytes
    assert len(received.answer.events) > 4
    ollama = shape.dialect == "ollama"  # which tells neither of caches nor of reasoning
    check_figures(migration, PLAIN if ollama else TOKENS)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("shape", [CHAT, GENERATE, ARRAY], ids=named)
async def test_a_compressed_stream_arrives_compressed_and_is_metered(
    shared: Stage, shape: Shape, coding: str
) -> None:
    migration = shared.migrate(shape.dialect, weight=100)
    answer, received = await streamed(shared, migration, shape, tokens=TOKENS, encoding=coding)
    assert answer.get(b"content-encoding") == coding.encode()
    assert answer.body == received.answer.body.bytes
    check_figures(migration)


async def test_a_coding_that_nobody_knows_passes(shared: Stage) -> None:
    migration = shared.migrate(weight=100)
    answer, received = await streamed(shared, migration, CHAT, encoding="x-own")
    assert answer.body == received.answer.body.bytes
    arm = migration.view()["arms"]["candidate"]
    assert (arm["errors"], arm["usage"]["final"]) == (0, 0)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("script", [{}, {"comments": True}, {"joined": True}])
async def test_every_line_end_and_grouping_is_kept(
    shared: Stage, line_end: str, script: dict[str, object]
) -> None:
    migration = shared.migrate(weight=100)
    answer, received = await streamed(
        shared, migration, CHAT, tokens=TOKENS, line_end=line_end, **script
    )
    assert answer.body == received.answer.body.bytes
    check_figures(migration)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
async def test_the_usage_event_that_crossfade_asked_for_is_the_only_difference(
    shared: Stage, line_end: str
) -> None:
    migration = shared.migrate(weight=100)
    answer, received = await streamed(shared, migration, SILENT, tokens=TOKENS, line_end=line_end)
    assert b'"stream_options":{"include_usage":true}' in received.body.bytes.replace(b" ", b"")
    assert received.header("accept-encoding") == "identity"
    asked_for = [event for event in received.answer.events if b'"choices":[]' in event]
    assert len(asked_for) == 1
    kept = [event for event in received.answer.events if event not in asked_for]
    assert answer.body == b"".join(kept)
    check_figures(migration)


async def test_gaps_do_not_depend_on_how_events_are_sent(shared: Stage) -> None:
    counts = []
    for script in ({}, {"joined": True}, {"comments": True}, {"encoding": "gzip"}):
        migration = shared.migrate(weight=100)
        await streamed(shared, migration, CHAT, events=9, **script)
        name = "crossfade_inter_token_seconds_count"
        counts.append(migration.admin.metrics().value(name, migration=migration.name))
    assert counts == [counts[0]] * 4
    assert counts[0] == 8


async def test_the_answers_headers_are_the_upstreams(shared: Stage) -> None:
    migration = shared.migrate(weight=100)
    headers = {"x-odd": "kept  as it is", "Set-Cookie": "a=b"}
    answer, received = await streamed(shared, migration, CHAT, headers=headers)
    head, _, _ = received.answer_wire.partition(b"\r\n\r\n")
    sent = [tuple(line.split(b": ", 1)) for line in head.split(b"\r\n")[1:]]
    ours = [pair for pair in answer.headers if pair[0].lower().startswith(b"x-crossfade-")]
    hop_by_hop = (b"transfer-encoding", b"connection", b"keep-alive")
    kept = [pair for pair in sent if pair[0].lower() not in hop_by_hop]
    has = [pair for pair in answer.headers if pair[0].lower() not in hop_by_hop]
    assert sorted(has) == sorted(kept + ours)
    assert len(ours) == 3


async def test_the_request_differs_in_its_model_alone(shared: Stage) -> None:
    migration = shared.migrate(weight=100)
    _, received = await streamed(shared, migration, CHAT)
    sent = CHAT.request(migration.asks).partition(b"\r\n\r\n")[2]
    before, asked, after = sent.partition(f'"{migration.asks}"'.encode())
    assert asked
    assert received.body.bytes == before + b'"new-openai-1"' + after


async def test_a_request_that_no_migration_matches_does_not_differ(shared: Stage) -> None:
    request = CHAT.request("nobodys-model")
    async with connected(shared.crossfade.port) as client:
        answer = await client.ask(request)
    headers = {name.decode().lower(): value.decode() for name, value in answer.headers}
    received = await asyncio.to_thread(shared.apis.behind, headers)
    assert received.body.bytes == request.partition(b"\r\n\r\n")[2]
    assert answer.body == received.answer.body.bytes


@pytest.mark.parametrize("shape", [*STREAMS, SILENT], ids=named)
async def test_the_time_to_the_first_token_is_when_it_came(shared: Stage, shape: Shape) -> None:
    """It lies between what both ends saw of it; what opens a stream is no token."""
    migration = shared.migrate(shape.dialect, weight=100)
    mark = f"first-token-{migration.name}"
    async with connected(shared.crossfade.port) as client:
        began = time.monotonic()
        request = shape.request(
            migration.asks, f"X-Mark: {mark}".encode(), hold_after=shape.opening
        )
        await client.send(request)
        received = await asyncio.to_thread(shared.apis.held, mark)
        arrived = time.monotonic()
        await asyncio.sleep(0.02)  # something to measure, whatever the machine
        released = time.monotonic()
        shared.apis.go(received)
        answer = await client.read_message()
        ended = time.monotonic()
    assert answer.complete
    place = {"migration": migration.name, "arm": "candidate"}
    metrics = migration.admin.metrics()
    assert metrics.value("crossfade_time_to_first_token_seconds_count", **place) == 1
    taken = metrics.value("crossfade_time_to_first_token_seconds_sum", **place)
    assert released - arrived <= taken <= ended - began
