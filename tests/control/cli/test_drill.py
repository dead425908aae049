"""`drill rollback`: what it asks, prints and ends with."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE

import pytest

from control.cli import drill
from control.desk.drill import Drilled
from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.cli.terminal import Terminal

ROUND = Drilled(
    migration="triage",
    weight=10,
    accepted=1.5,
    workers={"one": 3.0, "two": 4.25},
    missing=(),
    last_candidate_request=4.25,
    drained=812.0,
    restored=3_300.0,
    version=9,
)


async def running(shell: Shell, api: Service) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "10")


async def test_each_round_is_told_and_then_both_quantiles(api: Service, shell: Shell) -> None:
    await running(shell, api)
    done = await shell("drill", "rollback", "triage", "--times", "2", "--hold", "0", "--yes")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("1/2: accepted ")
    assert lines[1].startswith("2/2: accepted ")
    assert lines[2].startswith("accepted: p50 ")
    assert lines[3].startswith("last candidate request: p50 ")
    assert lines[4] == "triage: as it was, version 6"


async def test_as_json_it_has_every_round(api: Service, shell: Shell) -> None:
    await running(shell, api)
    done = await shell("drill", "rollback", "triage", "--hold", "0", "-o", "json")
    report = json.loads(done.out)
    assert len(report["rounds"]) == 1
    assert list(report["rounds"][0]["workers"]) == ["one"]
    assert report["accepted_ms"]["p50"] == report["rounds"][0]["accepted"]


async def test_weight_0_is_refused_with_the_way_out(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell("drill", "rollback", "triage", "--yes")
    assert done.code == 1
    assert "--weight 1" in done.err
    done = await shell("drill", "rollback", "triage", "--weight", "1", "--hold", "0", "--yes")
    assert done.code == 0


async def test_what_is_rolled_back_is_refused(api: Service, shell: Shell) -> None:
    await running(shell, api)
    await shell("rollback", "triage")
    done = await shell("drill", "rollback", "triage", "--yes")
    assert done.code == 1
    assert "there is nothing to drill" in done.err


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("y\n", 0)])
async def test_on_a_terminal_it_says_what_it_will_do_and_asks(
    api: Service, shell: Shell, typed: str, code: int
) -> None:
    await running(shell, api)
    terminal = Terminal()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "control.cli", "drill", "rollback", "triage", "--hold", "0"),
        *("--times", "2", "--weight", "20"),
        env=shell.environment,
        stdin=terminal.theirs,
        stdout=PIPE,
        stderr=terminal.theirs,
    )
    asked = await terminal.until("Drill? [y/N]")
    assert "triage: Progressing at 10 %" in asked
    assert "2 times, shifts to 20 % first" in asked.replace("\r\n", " ")
    terminal.type(typed)
    await process.communicate()
    terminal.close()
    assert process.returncode == code
    verbs = [event.verb for event in await api.office.store.history("triage", 100)]
    assert verbs.count("drill") == (6 if code == 0 else 0)


def test_a_worker_that_did_not_switch_is_no_success() -> None:
    text = drill._line(ROUND)
    assert text == (
        "accepted 1.5 ms, last candidate request 4.2 ms (2 workers), drained 812.0 ms, "
        "restored 3,300.0 ms"
    )
    assert drill._ms(None) == "-"


@pytest.mark.parametrize(
    ("rounds", "p50", "p99"),
    [
        ([], None, None),
        ([1.0], 1.0, 1.0),
        ([1.0, 2.0], 1.0, 2.0),
        ([1.0, 2.0, 3.0], 2.0, 3.0),
        ([1.0, 2.0, 3.0, 4.0], 2.0, 4.0),
        ([float(ms) for ms in range(1, 101)], 50.0, 99.0),
    ],
)
def test_quantiles_are_by_the_nearest_rank(
    rounds: list[float], p50: float | None, p99: float | None
) -> None:
    assert drill._both(rounds) == {"p50": p50, "p99": p99}
