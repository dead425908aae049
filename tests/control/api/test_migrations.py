"""The calls about migrations, from registering to history, as JSON over a socket."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tests.control.api.service import Service
from tests.control.office import migration

ONE = "/api/migrations/triage"


def picked(answer: object, *names: str) -> list[object]:
    whole = msgspec.convert(answer, dict[str, object])
    return [whole[name] for name in names]


async def test_the_whole_way_of_a_migration(api: Service) -> None:
    answer = await api.apply()
    assert answer.status == 200
    assert picked(answer.json, "name", "phase", "version", "changed", "acknowledged") == [
        "triage",
        "Pending",
        1,
        True,
        True,
    ]
    body = {"percent": 10.25, "reason": "first look", "actor": "jane", "expected_version": 1}
    answer = await api.call("POST", f"{ONE}/set-weight", body)
    assert picked(answer.json, "phase", "version", "weights") == [
        "Progressing",
        2,
        {"baseline": 89.75, "candidate": 10.25},
    ]
    assert api.office.served[-1].routes[0].split.share == 1_025
    answer = await api.call("POST", f"{ONE}/rollback", {"reason": "wrong answers"})
    assert picked(answer.json, "phase", "latched", "reason") == [
        "Degraded",
        True,
        "RolledBack: wrong answers",
    ]
    answer = await api.call("POST", f"{ONE}/set-weight", {"percent": 1})
    assert (answer.status, answer.code) == (409, "latched")
    answer = await api.call("POST", f"{ONE}/retry", {})
    assert picked(answer.json, "phase", "latched") == ["Pending", False]
    answer = await api.call("GET", f"{ONE}/history")
    told = msgspec.convert(answer.json, list[dict[str, object]])
    assert [event["verb"] for event in told] == ["retry", "rollback", "set-weight", "apply"]
    assert [event["actor"] for event in told] == ["api", "api", "jane", "api"]


async def test_get_is_the_json_of_the_interface(api: Service) -> None:
    await api.apply()
    answer = await api.call("GET", ONE)
    assert answer.headers["Content-Type"] == "application/json"
    name, weights, arms = picked(answer.json, "name", "weights", "arms")
    assert (name, weights) == ("triage", {"baseline": 100, "candidate": 0})
    assert set(msgspec.convert(arms, dict[str, object])) == {"baseline", "candidate"}


async def test_list_has_every_migration(api: Service) -> None:
    assert (await api.call("GET", "/api/migrations")).json == []
    await api.apply()
    await api.apply("billing", match="gpt-5")
    told = (await api.call("GET", "/api/migrations")).json
    assert [one["name"] for one in msgspec.convert(told, list[dict[str, object]])] == [
        "triage",
        "billing",
    ]


async def test_a_stale_version_is_told_the_current_one(api: Service) -> None:
    await api.apply()
    await api.call("POST", f"{ONE}/set-weight", {"percent": 5})
    body = {"percent": 6, "expected_version": 1}
    answer = await api.call("POST", f"{ONE}/set-weight", body)
    assert (answer.status, answer.code) == (409, "version_conflict")
    error = msgspec.convert(answer.json, dict[str, dict[str, object]])["error"]
    assert error["current_version"] == 2
    assert "Progressing at weight 5" in str(error["message"])


async def test_of_a_hundred_callers_with_one_version_exactly_one_wins(api: Service) -> None:
    await api.apply()
    calls = [
        api.call("POST", f"{ONE}/set-weight", {"percent": 1 + n % 5, "expected_version": 1})
        for n in range(100)
    ]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status for answer in answers) == [200, *[409] * 99]


@pytest.mark.parametrize("percent", [-1, 100.5, 1.234, 1e400])
async def test_a_percent_out_of_range_is_refused(api: Service, percent: float) -> None:
    await api.apply()
    number = "1e400" if percent == float("inf") else repr(percent)
    answer = await api.call("POST", f"{ONE}/set-weight", data=b'{"percent":%b}' % number.encode())
    assert (answer.status, answer.code) in ((400, "invalid_percent"), (400, "invalid_body"))


@pytest.mark.parametrize("percent", ['"10"', "null", "true", "[]", "NaN"])
async def test_a_percent_is_a_number(api: Service, percent: str) -> None:
    await api.apply()
    answer = await api.call("POST", f"{ONE}/set-weight", data=b'{"percent":%b}' % percent.encode())
    assert (answer.status, answer.code) == (400, "invalid_body")


async def test_an_invalid_file_lists_its_problems(api: Service) -> None:
    text = migration() + "mirror: {percent: 10}\n"
    answer = await api.call("PUT", ONE, {"file": text})
    assert (answer.status, answer.code) == (422, "invalid_migration")
    error = msgspec.convert(answer.json, dict[str, dict[str, object]])["error"]
    (problem,) = msgspec.convert(error["problems"], list[str])
    assert "triage.yaml:7: mirror" in problem


async def test_an_unknown_migration_is_404_by_every_call(api: Service) -> None:
    unknown = "/api/migrations/absent%2F..%0a"
    for method, path, body in (
        ("GET", unknown, None),
        ("GET", f"{unknown}/history", None),
        ("POST", f"{unknown}/set-weight", {"percent": 1}),
        ("POST", f"{unknown}/rollback", {}),
        ("POST", f"{unknown}/retry", {}),
    ):
        answer = await api.call(method, path, body)
        assert (answer.status, answer.code) == (404, "unknown_migration")


async def test_all_roll_back_in_one_call(api: Service) -> None:
    await api.apply()
    await api.apply("billing", match="gpt-5")
    answer = await api.call("POST", "/api/rollback", {"reason": "outage"})
    told = msgspec.convert(answer.json, list[dict[str, object]])
    assert [(one["name"], one["latched"]) for one in told] == [("triage", True), ("billing", True)]
    answer = await api.call("POST", "/api/rollback", {"expected_version": 1})
    assert (answer.status, answer.code) == (400, "invalid_body")


async def test_history_may_be_limited(api: Service) -> None:
    await api.apply()
    for percent in range(1, 5):
        await api.call("POST", f"{ONE}/set-weight", {"percent": percent, "wait": False})
    told = (await api.call("GET", f"{ONE}/history?limit=2")).json
    assert [event["version"] for event in msgspec.convert(told, list[dict[str, object]])] == [
        5,
        4,
    ]
    for limit in ("0", "-1", "ten", "1001", "9" * 5_000, "", "%D9%A3"):
        answer = await api.call("GET", f"{ONE}/history?limit={limit}")
        assert (answer.status, answer.code) == (400, "invalid_query")


async def test_not_waiting_is_said(api: Service) -> None:
    body = {"file": migration(), "wait": False}
    answer = await api.call("PUT", ONE, body)
    assert picked(answer.json, "acknowledged") == [None]
