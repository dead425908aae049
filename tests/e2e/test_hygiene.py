"""What hostile callers cannot do to metrics, logs and files; and that no secret stands in them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from control.migration.ledger import Phase
from proxy.errors import PUBLISHED
from proxy.exchange import Outcome, UsageState
from tests.doubles.raw import connected
from tests.doubles.requests import chat, get, prompt, request
from tests.e2e import canary
from tests.e2e.admin import Metrics
from tests.e2e.asking import ask
from tests.e2e.conftest import Make
from tests.e2e.process import check_told
from tests.e2e.shapes import STREAMS, Shape
from tests.e2e.stage import DIALECTS, Stage

HOSTILE = 'CANARY\x1b[31m\r\n{n}\u2028"}}<script>'
CLOSED = {
    "arm": {"baseline", "candidate", "none"},
    "dialect": set(DIALECTS),
    "role": {"primary"},
    "outcome": {str(outcome) for outcome in Outcome},
    "kind": {"input", "cached_input", "output", "reasoning"},
    "state": {str(state) for state in UsageState},
    "code": {failure.code for failure in PUBLISHED} | {"other"},
    "phase": {str(phase) for phase in Phase},
    "result": {"all", "blind", "faulty", "sent", "failed", "dropped"},
}
KNOWN = {*CLOSED, "migration", "le", "version", "limit", "notifier", "quantile"}


def check_labels(metrics: Metrics, migrations: set[str]) -> None:
    """Every label is one of the published ones, and so is every value of it."""
    labels = {name for _, has in metrics.samples for name, _ in has}
    assert labels <= KNOWN
    for label, values in CLOSED.items():
        assert metrics.labels(label) <= values
    assert metrics.labels("migration") <= migrations | {"none"}


async def test_ten_thousand_hostile_models_add_no_series(alone: Stage) -> None:
    moved = alone.migrate(weight=50)
    await spray(alone, moved.asks, range(200))
    before = moved.admin.metrics()
    while not _looked(before, moved.name):
        before = moved.admin.metrics()
    await spray(alone, moved.asks, range(200, 10_200))
    after = moved.admin.metrics()
    assert set(after.samples) == set(before.samples)
    check_labels(after, {moved.name})
    assert after.value("crossfade_requests_total") == 10_200


def _looked(metrics: Metrics, migration: str) -> bool:
    """Whether the control plane's next looks have come: its series are there too.

    All requests of `spray` have one sticky key, and so one arm.
    """
    here = {"migration": migration}
    latency = metrics.value("crossfade_fleet_latency_seconds", **here)
    return latency > 0 and metrics.value("crossfade_phase", **here) == 1


async def spray(alone: Stage, known: str, numbers: range) -> None:
    """Requests whose model, path, headers and answers are different each time."""

    async def some(mine: range) -> None:
        async with connected(alone.crossfade.port) as client:
            for number in mine:
                model = known if number % 10 == 0 else HOSTILE.replace("{n}", str(number))
                body = json.dumps({"model": model, "user": model}).encode()
                lines = (b"X-Odd-%d: CANARY" % number, b"User-Agent: CANARY/%d" % number)
                target = b"/v1/chat/completions" if number % 3 else b"/v1/CANARY/%d" % number
                answer = await client.ask(request(*lines, target=target, body=body))
                assert answer.status == 200

    quarter = len(numbers) // 4
    await asyncio.gather(*(some(numbers[at * quarter : (at + 1) * quarter]) for at in range(4)))


async def test_odd_statuses_add_no_series(shared: Stage) -> None:
    moved = shared.migrate(weight=100)
    for status in (200, 201, 299, 400, 418, 451, 499, 500, 599):
        await ask(shared.crossfade, shared.apis, chat(model=moved.asks, status=status))
    names = {one["name"] for one in moved.admin.get("/api/migrations")}
    check_labels(moved.admin.metrics(), names)


@pytest.mark.parametrize(
    "line",
    [
        b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        b"traceparent: CANARY\x80\xff",
        b"tracestate: " + b"a=b," * 2_000,
        b"baggage: secret=CANARY",
        b"Forwarded: for=CANARY",
        b"X-Forwarded-For: 10.0.0.1",
        b"X-Real-IP: 10.0.0.1",
        b"x-crossfade-key: CANARY",
        b"x-crossfade-arm: CANARY",
        b"X-Crossfade-Anything: CANARY",
        b"Proxy-Authorization: Basic CANARY",
        b"Connection: keep-alive, X-Private\r\nX-Private: CANARY",
        b"Keep-Alive: timeout=CANARY",
        b"TE: trailers",
    ],
)
async def test_what_is_between_two_hops_goes_no_further(shared: Stage, line: bytes) -> None:
    moved = shared.migrate(weight=100)
    seen = await ask(shared.crossfade, shared.apis, request(line, body=prompt(model=moved.asks)))
    assert seen.received is not None
    name = line.partition(b":")[0].decode().lower()
    wire = seen.received.connection.received.bytes.partition(b"\r\n\r\n")[0]
    assert b"CANARY\x80" not in wire
    if name != "connection":
        assert seen.received.header(name) is None
    assert seen.received.header("x-private") is None


async def test_hostile_words_reach_no_log(make: Make, shared: Stage) -> None:
    """Whatever is wrong with a request, the log says so by a fixed word, escaped and short."""
    gone = {"url": "http://127.0.0.1:9", "dialect": "openai"}
    crossfade = make({"upstreams": {"gone": gone}, "models": {}})
    crossfade.start()
    before = len(crossfade.log)
    hostile = [
        request(target=b"/v1/\x1b[31mCANARY", body=prompt()),
        request(b"User-Agent: CANARY\x1b[31m\x07", body=prompt()),
        request(target=b"/u/CANARY%0d%0a%1b/v1/models", body=prompt()),
        get(b"/v1/CANARY%00"),
        get(b"/v1/../CANARY"),
        b"CANARY\r\n\r\n",
        b"\x16\x03\x01\x02\x00CANARY\r\n\r\n",
        request(b"Content-Length: CANARY"),
        request(body=HOSTILE.encode()),
        get(b"/v1/models"),
    ]
    for raw in hostile:
        async with connected(crossfade.port) as client:
            await client.send(raw)
            client.half_close()
            answer = await client.rest()
            assert canary.MARK not in answer
    for line in crossfade.log[before:]:
        assert line.isprintable()
        assert set(json.loads(line)) <= {"at", "level", "logger", "event", "error"}
    assert canary.MARK.decode() not in "\n".join(crossfade.log)


async def test_a_flood_of_bad_requests_is_a_few_short_lines(make: Make, shared: Stage) -> None:
    gone = {"url": "http://127.0.0.1:9", "dialect": "openai"}
    crossfade = make({"upstreams": {"gone": gone}, "models": {}})
    crossfade.start()
    before = len(crossfade.log)

    async def some() -> None:
        for number in range(150):
            async with connected(crossfade.port) as client:
                await client.ask(b"GET /%d HTTP/9.9\r\n\r\n" % number)
            async with connected(crossfade.port) as client:
                assert (await client.ask(request(body=prompt()))).status == 502

    await asyncio.gather(*(some() for _ in range(8)))
    metrics = crossfade.admin.metrics()
    assert metrics.value("crossfade_refused_total", code="http_version_not_supported") == 1_200
    assert metrics.value("crossfade_upstream_troubles_total", code="upstream_unreachable") == 1_200
    lines = crossfade.log[before:]
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 300


def test_the_search_finds_a_canary_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"\x00" * 5_000 + b"sk-CANARY-x")
    (tmp_path / "CANARY-name").write_bytes(b"")
    (tmp_path / "clean").write_bytes(b"nothing")
    found = canary.leaks(dict(canary.files(tmp_path)))
    assert [line.partition(":")[0] for line in found] == ["CANARY-name", "deep/file"]


@pytest.mark.parametrize("shape", STREAMS, ids=lambda shape: shape.name)
async def test_no_secret_of_any_exchange_stands_anywhere(shared: Stage, shape: Shape) -> None:
    """Good, broken, cut and abandoned; files are searched when the session ends."""
    moved = shared.migrate(shape.dialect, weight=50)
    said = {"text": f"{canary.ANSWER} {canary.ANSWER}", "headers": {"x-said": canary.ANSWER}}
    scripts: list[dict[str, object]] = [
        said,
        said | {"status": 500},
        said | {"status": 429},
        said | {"error_event": True},
        said | {"cut_after_bytes": 60},
        said | {"malformed": True},
        said | {"no_done": True},
        said | {"vanish": True},
        said | {"encoding": "gzip"},
    ]
    for script in scripts:
        for number in range(3):
            key = f"x-crossfade-key: {canary.KEY}-{number}".encode()
            async with connected(shared.crossfade.port) as client:
                await client.send(shape.request(moved.asks, key, **script))
                await client.read_head()
    moved.roll_back()
    check_told(shared.crossfade)
