"""The calls that steer a ramp, and those that tell what it will do and why, as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.control.api.service import Service, service
from tests.control.office import migration
from tests.control.rulings import RAMP

ONE = "/api/migrations/triage"
KEY = "error_rate%20over%202%25"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as opened:
        await opened.call("PUT", ONE, {"file": migration(more=RAMP)})
        yield opened


def picked(answer: object, *names: str) -> list[object]:
    whole = msgspec.convert(answer, dict[str, object])
    return [whole[name] for name in names]


async def test_a_ramp_goes_through_its_verbs(api: Service) -> None:
    for verb, body, expected in (
        ("start", {}, ["Progressing", "Started"]),
        ("pause", {"reason": "freeze"}, ["Paused", "ManualPause: freeze"]),
        ("resume", {}, ["Progressing", "Resumed"]),
        ("promote", {}, ["Progressing", "Promoted"]),
        ("approve", {"reason": "read"}, ["Progressing", "Promoted"]),
        ("reject", {}, ["Paused", "Rejected"]),
        ("promote", {"full": True, "reason": "go"}, ["Soaking", "Promoted: go"]),
        ("rollback", {}, ["Degraded", "RolledBack"]),
    ):
        answer = await api.call("POST", f"{ONE}/{verb}", body)
        assert answer.status == 200, verb
        assert picked(answer.json, "phase", "reason") == expected, verb
    past = msgspec.convert((await api.call("GET", f"{ONE}/history")).json, list[dict[str, object]])
    assert [event["verb"] for event in past[:-1]] == [
        "rollback",
        "promote",
        "reject",
        "approve",
        "promote",
        "resume",
        "pause",
        "start",
    ]


async def test_what_the_ramp_does_not_take_is_a_conflict(api: Service) -> None:
    for verb, body, code in (
        ("pause", {}, "not_running"),
        ("approve", {}, "not_running"),
        ("dismiss", {"reason": "x", "limit": "error_rate over 2%"}, "no_open_breach"),
        ("start", {"expected_version": 7}, "version_conflict"),
    ):
        answer = await api.call("POST", f"{ONE}/{verb}", body)
        assert (answer.status, answer.code) == (409, code)


async def test_going_on_after_a_rejection_needs_a_reason(api: Service) -> None:
    for verb in ("start", "promote", "reject"):
        await api.call("POST", f"{ONE}/{verb}", {})
    answer = await api.call("POST", f"{ONE}/resume", {})
    assert (answer.status, answer.code) == (400, "reason_needed")


@pytest.mark.parametrize("body", [{"full": "yes"}, {"percent": 1}, {"reason": ""}])
async def test_a_body_of_another_shape_is_refused(api: Service, body: dict[str, object]) -> None:
    answer = await api.call("POST", f"{ONE}/promote", body)
    assert (answer.status, answer.code) == (400, "invalid_body")


async def test_the_view_has_the_schedule_and_the_step(api: Service) -> None:
    await api.call("POST", f"{ONE}/start", {})
    steps, step = picked((await api.call("GET", ONE)).json, "steps", "step")
    assert [one["weight"] for one in msgspec.convert(steps, list[dict[str, object]])] == [1, 10, 99]
    assert picked(step, "index", "of", "weight", "hold_s", "held") == [1, 3, 1, 300, True]


async def test_a_limit_is_explained(api: Service) -> None:
    await api.call("POST", f"{ONE}/start", {})
    for asked, count in (("", 2), ("?metric=error_rate", 2), (f"?metric={KEY}", 1)):
        answer = await api.call("GET", f"{ONE}/explain{asked}")
        told = msgspec.convert(answer.json, list[dict[str, object]])
        assert len(told) == count
        assert "error_rate over 2%" in str(told[0]["lines"])


async def test_a_limit_that_is_not_there_is_not_explained(api: Service) -> None:
    answer = await api.call("GET", f"{ONE}/explain?metric=")
    assert (answer.status, answer.code) == (400, "invalid_query")
    answer = await api.call("GET", f"{ONE}/explain?metric=latency_p95")
    assert (answer.status, answer.code) == (404, "unknown_limit")


async def test_a_plan_is_told_for_any_traffic(api: Service) -> None:
    answer = await api.call("GET", f"{ONE}/plan")
    assert "no traffic was observed" in str(picked(answer.json, "lines"))
    answer = await api.call("GET", f"{ONE}/plan?requests_per_s=20&error_rate=0.01")
    assert picked(answer.json, "traffic") == [{"requests_per_s": 20.0, "error_rate": 0.01}]
    answer = await api.call("GET", f"{ONE}/plan?requests_per_s=20")
    assert picked(answer.json, "traffic") == [{"requests_per_s": 20.0, "error_rate": None}]


@pytest.mark.parametrize(
    "query",
    [
        "requests_per_s=0",
        "requests_per_s=-1",
        "requests_per_s=nan",
        "requests_per_s=1e99",
        "requests_per_s=ten",
        "error_rate=0.01",
        "requests_per_s=1&error_rate=2",
        "requests_per_s=1&error_rate=nan",
    ],
)
async def test_traffic_that_is_none_is_refused(api: Service, query: str) -> None:
    answer = await api.call("GET", f"{ONE}/plan?{query}")
    assert (answer.status, answer.code) == (400, "invalid_query")
