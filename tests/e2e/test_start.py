"""What crossfade refuses to start with, and how it says so; where it listens."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from tests.doubles.raw import connected
from tests.doubles.requests import prompt, request
from tests.e2e import canary
from tests.e2e.conftest import Make
from tests.e2e.stage import Stage, file

KEYED = {"only": {"url": "http://127.0.0.1:9", "dialect": "openai", "key_env": "OLD_KEY"}}
LATER = {
    "keep_on_baseline": [{"name": "long", "when": {"body_over": "200KiB"}}],
    "mirror": {"percent": 10},
    "fallback": {"to": "baseline", "on": ["429"]},
    "suite": "suites/triage.yaml",
    "capture": {"pairs": True},
    "costs": {"hourly_rate": 75},
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"admin": {"listen": "0.0.0.0:0"}}, "admin.listen: listens beyond loopback"),
        ({"listen": "0.0.0.0:0", "upstreams": KEYED}, "listen: listens beyond loopback"),
        ({"listen": ["127.0.0.1:0", "[::]:0"], "upstreams": KEYED}, "clients is not spelt out"),
        ({"upstreams": {}}, "upstreams"),
    ],
)
def test_what_would_open_a_door_is_refused(
    make: Make, changes: dict[str, object], named: str
) -> None:
    said = make(changes | {"models": {}}).refuse()
    assert said.startswith("1: ")
    assert named in said
    assert "Traceback" not in said


def test_every_problem_is_named_at_once_with_its_line(make: Make) -> None:
    changes = {
        "telemetry": {"sample": 0.1},
        "limts": {},
        "limits": {"max_body": "64MB", "first_byte": "1s"},
        "models": {},
        "upstreams": {"one": {"url": "http://127.0.0.1:9", "dialect": "openai", "key": "sk-x"}},
    }
    crossfade = make(changes)
    said = crossfade.refuse()
    lines = crossfade.write().read_text().splitlines()
    (line,) = [one for one in said.splitlines() if ": telemetry: " in one]
    assert "not supported yet" in line
    number = int(line.partition("crossfade.yaml:")[2].partition(":")[0])
    assert '"telemetry"' in lines[number - 1]
    assert "limits?" in said or "limits" in said.partition("limts")[2]
    for field in ("limits.max_body", "limits.first_byte", "upstreams.one.key"):
        assert f": {field}: " in said
    assert "sk-x" not in said


def test_keys_that_are_not_set_are_named_and_not_shown(make: Make) -> None:
    said = make(environ={"NEW_KEY": canary.NEW_KEY, "CROSSFADE_TOKEN": canary.TOKEN}).refuse()
    assert said.startswith("1: ")
    assert "OLD_KEY" in said
    assert canary.MARK.decode() not in said


def test_an_address_that_is_taken_is_named(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = make({"listen": f"127.0.0.1:{taken.getsockname()[1]}"}).refuse()
    assert said.startswith("1: ")
    assert "address already in use" in said
    assert "Traceback" not in said


def test_a_certificate_that_cannot_be_read_is_named(make: Make) -> None:
    tls = {"url": "https://127.0.0.1:9", "dialect": "openai", "ca_file": "absent.pem"}
    said = make({"upstreams": {"one": tls}, "models": {}}).refuse()
    assert said.startswith("1: ")
    assert "upstreams.one.ca_file" in said


def test_a_migrations_later_fields_are_refused_by_name(shared: Stage) -> None:
    """Nothing is accepted and ignored."""
    text = json.dumps(file("later", "later") | LATER)
    refused = shared.crossfade.admin.ask("PUT", "/api/migrations/later", {"file": text})
    assert (refused.status, refused.code) == (422, "invalid_migration")
    problems = refused.json["error"]["problems"]
    for field in LATER:
        assert any(f" {field}: is not supported yet" in problem for problem in problems), field
    assert len(problems) == len(LATER)


@pytest.mark.parametrize(
    "changed",
    [
        {"candidate": "nobody"},
        {"candidate": "new-anthropic"},
        {"match": {}},
        {"match": {"model": "m", "header": {"authorization": "x"}}},
        {"owner": ""},
        {"reason": {"kind": "fun", "text": "x"}},
        {"candidate_edits": {"set": {"model": "x"}}},
        {"sticky": {"by": ["cookie:x"]}},
        {"migration": "another"},
        {"unknown": 1},
    ],
)
def test_a_migration_that_is_wrong_is_refused(shared: Stage, changed: dict[str, object]) -> None:
    text = json.dumps(file("wrong", "wrong") | changed)
    refused = shared.crossfade.admin.ask("PUT", "/api/migrations/wrong", {"file": text})
    assert refused.status in (400, 422), refused.body
    assert shared.crossfade.admin.ask("GET", "/api/migrations/wrong").status == 404


def test_two_migrations_that_tie_are_refused(shared: Stage) -> None:
    first = shared.migrate()
    text = json.dumps(file("tied", first.asks))
    refused = shared.crossfade.admin.ask("PUT", "/api/migrations/tied", {"file": text})
    assert (refused.status, refused.code) == (409, "ambiguous_match")


def test_what_routes_traffic_cannot_change_while_it_does(shared: Stage) -> None:
    moved = shared.migrate(weight=1)
    path = f"/api/migrations/{moved.name}"
    text = json.dumps(file(moved.name, "another-model"))
    refused = moved.admin.ask("PUT", path, {"file": text})
    assert (refused.status, refused.code) == (409, "weight_not_zero")
    text = json.dumps(file(moved.name, moved.asks, owner="joe@example.com"))
    assert moved.admin.ask("PUT", path, {"file": text}).status == 200
    assert moved.view()["owner"] == "joe@example.com"
    assert moved.view()["weights"] == {"baseline": 99, "candidate": 1}


async def test_several_addresses_and_a_socket_that_a_killed_one_left(make: Make) -> None:
    crossfade = make()
    path = f"{crossfade.folder}/traffic.sock"
    crossfade.config = dict(crossfade.config) | {"listen": ["127.0.0.1:0", f"unix:{path}"]}
    crossfade.start()
    first, second = crossfade.listen.split(",")
    for place in (int(first.rpartition(":")[2]), second.removeprefix("unix:")):
        async with connected(place) as client:
            assert (await client.ask(request(body=prompt()))).status == 200
    crossfade.kill()
    crossfade.start()
    async with connected(path) as client:
        assert (await client.ask(request(body=prompt()))).status == 200
    assert await asyncio.to_thread(crossfade.stop) == 0
