"""What is measured and what it costs: without a migration, by the price table, when cut short."""

from __future__ import annotations

import asyncio
import json

import genai_prices
import pytest

from tests.doubles.raw import connected
from tests.doubles.requests import chat, prompt, request
from tests.e2e.admin import Admin, Metrics
from tests.e2e.asking import ask
from tests.e2e.shapes import CHAT, EMBEDDINGS, GENERATE, MESSAGES, SILENT, Shape
from tests.e2e.stage import Stage

TOKENS = {"input": 1_000, "cached_input": 300, "output": 70, "reasoning": 20}
LISTED = [
    (CHAT, "openai", "gpt-4o-2024-08-06"),
    (MESSAGES, "anthropic", "claude-sonnet-4-5"),
    (GENERATE, "google", "gemini-2.5-flash"),
]


class Unmatched:
    """What `none` has more than before."""

    def __init__(self, admin: Admin, dialect: str) -> None:
        self._admin = admin
        self._dialect = dialect
        self._before = admin.metrics()

    def since(self, name: str, **labels: str) -> float:
        return self._value(self._admin.metrics(), name, labels) - self._value(
            self._before, name, labels
        )

    def _value(self, metrics: Metrics, name: str, labels: dict[str, str]) -> float:
        place = {"migration": "none", "arm": "none", "dialect": self._dialect}
        return metrics.value(f"crossfade_{name}", **place, **labels)


@pytest.mark.parametrize(("shape", "provider", "model"), LISTED)
async def test_what_no_migration_matches_is_measured_and_priced_by_the_table(
    shared: Stage, shape: Shape, provider: str, model: str
) -> None:
    none = Unmatched(shared.crossfade.admin, shape.dialect)
    await ask(shared.crossfade, shared.apis, shape.request(model, tokens=TOKENS))
    assert none.since("requests_total", outcome="ok") == 1
    assert none.since("usage_total", state="final") == 1
    for kind, count in TOKENS.items():
        assert none.since("tokens_total", kind=kind) == count
    assert none.since("time_to_first_token_seconds_count") == 1
    used = genai_prices.Usage(input_tokens=1_000, cache_read_tokens=300, output_tokens=70)
    listed = genai_prices.calc_price(used, model, provider_id=provider).total_price
    assert none.since("cost_usd_total") == pytest.approx(float(listed), rel=1e-9)


async def test_a_model_without_a_price_is_counted_as_that(shared: Stage) -> None:
    none = Unmatched(shared.crossfade.admin, "openai")
    await ask(shared.crossfade, shared.apis, chat(model="model-of-our-own"))
    assert none.since("unpriced_requests_total") == 1
    assert none.since("cost_usd_total") == 0


async def test_nothing_is_injected_where_no_migration_matches(shared: Stage) -> None:
    """So a stream that did not ask for usage has none, and that is counted."""
    none = Unmatched(shared.crossfade.admin, "openai")
    raw = SILENT.request("gpt-4o", events=20)
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.received is not None
    assert seen.received.body.bytes == raw.partition(b"\r\n\r\n")[2]
    assert none.since("usage_total", state="missing") == 1
    assert none.since("tokens_total") == 0


OPTIONS = [
    None,
    {},
    {"include_usage": False},
    {"include_usage": None},
    {"include_obfuscation": True},
    {"include_obfuscation": True, "include_usage": False},
]


@pytest.mark.parametrize("options", OPTIONS)
async def test_usage_is_asked_for_whatever_options_there_are(
    shared: Stage, options: dict[str, object] | None
) -> None:
    moved = shared.migrate(weight=100)
    body = prompt(model=moved.asks, stream=True, stream_options=options)
    script = json.dumps({"tokens": TOKENS}).encode()
    seen = await ask(shared.crossfade, shared.apis, request(b"X-Script: " + script, body=body))
    assert seen.received is not None
    sent = json.loads(seen.received.body.bytes)
    wanted = (options or {}) | {"include_usage": True}
    assert sent == json.loads(body) | {"model": "new-openai-1", "stream_options": wanted}
    assert b'"choices":[]' not in seen.answer.body
    assert seen.answer.body.endswith(b"data: [DONE]\n\n")
    assert moved.view()["arms"]["candidate"]["tokens"] == TOKENS


@pytest.mark.parametrize("shape", [CHAT, MESSAGES, GENERATE], ids=lambda shape: shape.name)
async def test_what_was_delivered_before_a_hang_up_is_paid_for(shared: Stage, shape: Shape) -> None:
    moved = shared.migrate(shape.dialect, weight=100)
    mark = f"hang-up-{moved.name}"
    async with connected(shared.crossfade.port) as client:
        line = f"X-Mark: {mark}".encode()
        await client.send(shape.request(moved.asks, line, hold_after=shape.opening + 4, events=9))
        received = await asyncio.to_thread(shared.apis.held, mark)
        await client.until(b"moves")
        client.reset()
    await asyncio.to_thread(shared.apis.run, received.disconnected.wait())
    candidate = moved.view()["arms"]["candidate"]
    assert (candidate["requests"], candidate["client_cancelled"]) == (1, 1)
    assert candidate["errors"] == 0
    assert candidate["usage"] == {"final": 0, "estimated": 1, "missing": 0}
    assert candidate["tokens"]["input"] > 0
    assert candidate["tokens"]["output"] > 0
    assert candidate["cost_usd"] > 0
    assert candidate["latency_ms"] == {"p50": None, "p95": None, "p99": None}


async def test_embeddings_and_whole_answers_are_metered(shared: Stage) -> None:
    moved = shared.migrate(weight=100)
    for raw in (chat(model=moved.asks, tokens=TOKENS), EMBEDDINGS.request(moved.asks)):
        await ask(shared.crossfade, shared.apis, raw)
    candidate = moved.view()["arms"]["candidate"]
    assert candidate["tokens"] == TOKENS | {"input": 1_017}
    assert candidate["usage"]["final"] == 2
    assert candidate["ttft_ms"]["p50"] is None
    latency = candidate["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"]


ENDS: list[tuple[dict[str, object], str]] = [
    ({}, "ok"),
    ({"status": 400}, "client_error"),
    ({"status": 404}, "upstream_error"),  # the model was the arm's word
    ({"status": 401}, "upstream_error"),  # the key was the arm's own
    ({"status": 429}, "upstream_error"),
    ({"status": 500}, "upstream_error"),
    ({"vanish": True}, "upstream_error"),
    ({"error_event": True}, "upstream_error"),
    ({"cut_after_bytes": 900, "events": 20}, "upstream_truncated"),
    ({"no_done": True, "no_finish": True}, "upstream_truncated"),
]


@pytest.mark.parametrize(("script", "outcome"), ENDS)
async def test_each_end_of_an_exchange_has_its_outcome(
    shared: Stage, script: dict[str, object], outcome: str
) -> None:
    moved = shared.migrate(weight=100)
    async with connected(shared.crossfade.port) as client:
        await client.ask(CHAT.request(moved.asks, **script))
    metrics = moved.admin.metrics()
    place = {"migration": moved.name, "arm": "candidate"}
    assert metrics.value("crossfade_requests_total", outcome=outcome, **place) == 1
    assert metrics.value("crossfade_requests_total", **place) == 1
    assert metrics.value("crossfade_request_duration_seconds_count", **place) == 1
    blamed = outcome.startswith("upstream_")
    assert moved.view()["arms"]["candidate"]["errors"] == int(blamed)


def test_what_stands_now_is_a_gauge(shared: Stage) -> None:
    moved = shared.migrate(weight=12.5)
    metrics = moved.admin.metrics()
    for arm, percent in (("candidate", 12.5), ("baseline", 87.5)):
        weight = metrics.value("crossfade_split_weight", migration=moved.name, arm=arm)
        assert weight == percent
    version = moved.view()["snapshot_version"]
    assert metrics.value("crossfade_snapshot_version") == version
    assert metrics.value("crossfade_snapshot_age_seconds") >= 0
    assert metrics.value("crossfade_build_info") == 1
