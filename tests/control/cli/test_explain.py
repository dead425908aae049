"""`explain`: the arithmetic as text, and as the record that it is."""

from __future__ import annotations

import json

import pytest

from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import ASK, source
from tests.control.rulings import RAMP


@pytest.fixture
async def ramped(api: Service) -> Service:
    await api.office.desk.apply("triage", source(more=RAMP), ASK)
    await api.office.desk.start("triage", ASK)
    return api


async def test_each_limit_of_a_metric_is_explained(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("explain", "triage", "error_rate")
    assert done.code == 0
    first, second = done.out.split("\n\n")
    assert first.startswith("error_rate over 2%\n")
    assert second.startswith("error_rate over_baseline 1.25x\n")
    assert "alpha" in first
    assert all(len(line) <= 80 for line in done.out.splitlines())


async def test_all_limits_are_explained(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("explain", "triage")
    assert done.out == (await shell("explain", "triage", "error_rate")).out


async def test_one_limit_is_explained_as_json(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("explain", "triage", "error_rate over 2%", "-o", "json")
    (told,) = json.loads(done.out)
    assert told["judgement"]["limit"]["written"] == "2%"
    assert told["lines"][0] == "error_rate over 2%"


async def test_what_has_no_limit_is_refused(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("explain", "triage", "latency_p95")
    assert (done.code, done.out) == (1, "")
    assert "it has: error_rate over 2%" in done.err
