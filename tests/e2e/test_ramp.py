"""A ramp over the whole product: to its end, back by itself, and neither without a reason."""

from __future__ import annotations

import asyncio
import hmac
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from control.migration.ledger import Source
from tests.doubles.raw import connected
from tests.doubles.requests import prompt, request
from tests.doubles.until import until, until_beside
from tests.e2e import canary
from tests.e2e.apis import Apis
from tests.e2e.beforehand import JANE, desk
from tests.e2e.process import Crossfade
from tests.e2e.stage import Migration, Stage, config, file, stage

CONNECTIONS = 8
STEPS = [
    {"weight": 20, "hold": "2s"},
    {"weight": 50, "hold": "2s"},
    {"weight": 100, "soak": "2s", "holdback": 1},
]
RAMP = {
    "steps": STEPS,
    "min_requests": 50,
    "limits": [
        {"metric": "error_rate", "over_baseline": "1.25x", "on_fail": "rollback", "page": True}
    ],
    # Only the candidate's model API meets what this member makes it do.
    "baseline_edits": {"drop": ["x-script"]},
    "notify": [{"to": "ops"}],
}
SECRET = "CANARY-hook-secret"

Fails = Callable[[int], bool]  # whether the n-th request fails


class Hook(ThreadingHTTPServer):
    """A webhook's other end; `got` are the headers and the body of each message."""

    def __init__(self) -> None:
        self.got: list[tuple[Mapping[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Answers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/CANARY-HOOK"

    def of(self, migration: Migration, topic: str) -> list[Mapping[str, object]]:
        """The messages about a migration's topic so far."""
        told = [json.loads(body) for _, body in self.got]
        return [one for one in told if (one["migration"], one["topic"]) == (migration.name, topic)]


class Answers(BaseHTTPRequestHandler):
    """Takes every message."""

    def do_POST(self) -> None:
        assert isinstance(self.server, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def ramped(apis: Apis, hook: Hook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One crossfade, with a ramp that has run for a minute and that nobody asks for anything."""
    ops = {"kind": "webhook", "url_env": "HOOK_URL", "secret_env": "HOOK_SECRET"}
    secrets = {"HOOK_URL": hook.url, "HOOK_SECRET": SECRET}
    folder = tmp_path_factory.mktemp("ramped")
    crossfade = Crossfade(
        folder, config(apis, notifiers={"ops": ops}), {**canary.ENVIRON, **secrets}
    )
    apis.run(_begun_a_minute_ago(crossfade))
    crossfade.start()
    yield stage(crossfade, apis)
    assert crossfade.stop() == 0


async def _begun_a_minute_ago(crossfade: Crossfade) -> None:
    then = datetime.now(UTC) - timedelta(minutes=1)
    source = Source(text=json.dumps(file("silent", "asked-silent", **RAMP)))
    async with desk(crossfade, now=lambda: then) as made:
        await made.apply("silent", source, JANE)
        await made.start("silent", JANE)


@asynccontextmanager
async def asked(
    served: Stage, migration: Migration, *, fails: Fails, both: bool = False
) -> AsyncIterator[None]:
    """Callers who go on asking, each in the name of somebody else, until this ends."""
    numbers = count()

    async def some() -> None:
        async with connected(served.crossfade.port) as client:
            while True:
                number = next(numbers)
                await client.ask(_request(migration, number, fails(number), both=both))

    callers = [asyncio.ensure_future(some()) for _ in range(CONNECTIONS)]
    try:
        yield
    finally:
        for caller in callers:
            caller.cancel()
        ended = await asyncio.gather(*callers, return_exceptions=True)
        assert [one for one in ended if not isinstance(one, asyncio.CancelledError)] == []


def _request(migration: Migration, number: int, fails: bool, *, both: bool) -> bytes:
    script = json.dumps({"status": 500})
    members = {"x-script": script} if fails and not both else {}
    lines = [b"X-Script: " + script.encode()] if fails and both else []
    body = prompt(model=migration.asks, user=f"customer-{number}", **members)
    return request(*lines, body=body)


async def viewed(
    migration: Migration, holds: Callable[[Mapping[str, object]], bool]
) -> Mapping[str, object]:
    """The migration once it is so."""
    views: list[Mapping[str, object]] = []

    def so() -> bool:
        views.append(migration.view())
        return holds(views[-1])

    try:
        await until_beside(so)
    except AssertionError as never:
        never.add_note(f"the last that was seen: {views[-1:]}")
        raise
    return views[-1]


def past(migration: Migration) -> list[Mapping[str, object]]:
    """Its history, the oldest event first."""
    events = migration.admin.get(f"/api/migrations/{migration.name}/history")
    assert isinstance(events, list)
    return list(reversed(events))


async def test_a_healthy_candidate_goes_through_its_steps_to_the_end(ramped: Stage) -> None:
    moved = ramped.migrate(**RAMP)
    moved.admin.post(moved.name, "start")
    async with asked(ramped, moved, fails=lambda number: number % 50 == 0, both=True):
        view = await viewed(moved, lambda seen: seen["phase"] in ("Healthy", "Degraded", "Paused"))
    assert (view["phase"], view["weights"]) == ("Healthy", {"baseline": 1, "candidate": 99})
    steps = [event for event in past(moved) if event["verb"] == "step"]
    assert [event["evidence"]["weight_after"] for event in steps] == ["50", "99", "99"]
    assert {event["actor"] for event in steps} == {"ramp"}


async def test_a_candidate_with_five_percent_of_errors_is_rolled_back_by_itself(
    ramped: Stage, hook: Hook
) -> None:
    moved = ramped.migrate(**(RAMP | {"steps": [{"weight": 50, "hold": "10m"}]}))
    moved.admin.post(moved.name, "start")
    async with asked(ramped, moved, fails=lambda number: number % 20 == 0):
        view = await viewed(moved, lambda seen: seen["phase"] != "Progressing")
        assert view["phase"] in ("RollingBack", "Degraded")
        before = moved.view()["arms"]["candidate"]["requests"]
    assert view["weights"] == {"baseline": 100, "candidate": 0}
    last = past(moved)[-1]
    assert (last["verb"], last["actor"], last["phase"]) == ("rollback", "guard", "Degraded")
    assert "error_rate" in last["evidence"]["limit"]
    assert "%" in last["reason"]
    assert view["reason"] == f"RolledBack: {last['reason']}"
    assert before > 0
    answer = moved.admin.ask("POST", f"/api/migrations/{moved.name}/set-weight", {"percent": 10})
    assert (answer.status, answer.code) == (409, "latched")
    await until(lambda: bool(hook.of(moved, "rolled_back")))
    (message,) = hook.of(moved, "rolled_back")
    assert message["page"] is True
    assert last["reason"] in message["text"]
    assert hook.of(moved, "step")


def test_messages_are_signed(ramped: Stage, hook: Hook) -> None:
    ramped.crossfade.admin.ask("POST", "/api/notifiers/ops/test", {})
    headers, body = hook.got[-1]
    sent = {name.lower(): value for name, value in headers.items()}
    text = sent["x-crossfade-timestamp"].encode() + b"." + body
    signed = hmac.new(SECRET.encode(), text, "sha256").hexdigest()
    assert sent["x-crossfade-signature"] == f"v1={signed}"


async def test_both_arms_failing_is_not_the_candidates_fault(ramped: Stage) -> None:
    """A provider's trouble: every tenth request fails, whichever arm it is on."""
    steps = [{"weight": 50, "hold": "4s"}, {"weight": 100, "hold": "10m"}]
    moved = ramped.migrate(**(RAMP | {"steps": steps}))
    moved.admin.post(moved.name, "start")
    async with asked(ramped, moved, fails=lambda number: number % 10 == 0, both=True):
        view = await viewed(moved, lambda seen: seen["weights"]["candidate"] != 50)
    assert (view["phase"], view["weights"]["candidate"]) == ("Progressing", 100)
    assert view["arms"]["candidate"]["errors"] > 0


async def test_a_ramp_without_traffic_pauses_and_does_not_go_on(ramped: Stage) -> None:
    """It says so once it has seen for half a minute that there is none."""
    silent = Migration("silent", "asked-silent", ramped.crossfade.admin)
    view = await viewed(silent, lambda seen: seen["phase"] != "Progressing")
    assert (view["phase"], view["cause"]) == ("Paused", "NoTraffic")
    assert view["weights"]["candidate"] == 20
    assert "no data is no pass" in view["reason"]


async def test_a_drill_under_load_leaves_a_running_ramp_as_it_was(ramped: Stage) -> None:
    moved = ramped.migrate(**(RAMP | {"steps": [{"weight": 50, "hold": "10m"}]}))
    moved.admin.post(moved.name, "start")
    async with asked(ramped, moved, fails=lambda _: False):
        await viewed(moved, lambda seen: seen["arms"]["candidate"]["requests"] > 0)
        before = moved.view()
        drilled = await asyncio.to_thread(moved.admin.post, moved.name, "drill", hold_s=0)
        after = moved.view()
        since = after["arms"]["candidate"]["requests"]
        await viewed(moved, lambda seen: seen["arms"]["candidate"]["requests"] > since)
    assert drilled["missing"] == []
    assert drilled["accepted"] <= drilled["last_candidate_request"] <= drilled["restored"]
    for field in ("phase", "cause", "weights", "since"):
        assert after[field] == before[field], field
    assert after["step"]["index"] == before["step"]["index"]
    assert [event["verb"] for event in past(moved)][-2:] == ["drill", "drill"]
