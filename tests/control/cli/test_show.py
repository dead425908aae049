"""`list`, `get` and `history`, over a socket."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from tests.control.api.service import Service
from tests.control.cli.shell import Shell


async def test_list_is_a_table(api: Service, shell: Shell) -> None:
    await api.apply()
    await api.apply("billing", match="gpt-5")
    done = await shell("list")
    assert done.code == 0
    first, *rows = done.out.splitlines()
    assert first.split() == ["NAME", "PHASE", "CANDIDATE", "VERSION", "SINCE", "REASON"]
    assert [row.split()[0] for row in rows] == ["triage", "billing"]


async def test_list_of_nothing_is_its_header(shell: Shell) -> None:
    assert (await shell("list")).out.startswith("NAME")
    assert (await shell("list", "-o", "json")).out == "[]\n"


async def test_get_as_json_is_what_the_api_says(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "10")
    done = await shell("get", "triage", "-o", "json")
    assert done.code == 0
    told = json.loads(done.out)
    assert {worker.pop("worker") for worker in told["workers"]} == {"one"}
    said = (await api.call("GET", "/api/migrations/triage")).json
    assert isinstance(said, dict)
    assert told | {"workers": []} == said | {"workers": []}
    assert (told["name"], told["phase"], told["version"]) == ("triage", "Progressing", 2)
    assert told["weights"] == {"baseline": 90, "candidate": 10}
    done = await shell("get", "triage", "-o", "yaml")
    assert YAML(typ="safe").load(done.out) | {"workers": []} == told | {"workers": []}


async def test_get_of_a_degraded_migration_is_done(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("rollback", "triage", "--reason", "wrong answers")
    done = await shell("get", "triage")
    assert done.code == 0
    assert done.out.startswith("triage  Degraded  version 2  (RolledBack: wrong answers)\n")
    assert all(len(line) <= 80 for line in done.out.splitlines())


@pytest.mark.parametrize("command", ["get", "history"])
async def test_an_unknown_migration_is_refused(shell: Shell, command: str) -> None:
    done = await shell(command, "absent")
    assert (done.code, done.out) == (1, "")


async def test_history_is_told_latest_first(api: Service, shell: Shell) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "10", "--reason", "first look")
    done = await shell("history", "triage")
    assert [row.split()[2] for row in done.out.splitlines()[1:3]] == ["set-weight", "apply"]
    assert "0 > 10 %" in done.out
    assert "first look" in done.out
    done = await shell("history", "triage", "-n", "1", "-o", "json")
    (event,) = json.loads(done.out)
    assert (event["verb"], event["reason"]) == ("set-weight", "first look")


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
async def test_a_limit_out_of_range_is_a_usage_error(shell: Shell, limit: str) -> None:
    assert (await shell("history", "triage", "-n", limit)).code == 2
