"""`plan`: what a ramp takes, of a migration that is registered or of a file that is not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import ASK, migration, source
from tests.control.rulings import RAMP


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "triage.yaml"
    path.write_text(migration(more=RAMP))
    return path


async def test_a_registered_ramp_is_forecast(api: Service, shell: Shell) -> None:
    await api.office.desk.apply("triage", source(more=RAMP), ASK)
    done = await shell("plan", "triage")
    assert done.code == 0
    assert done.out.startswith("no traffic was observed")
    done = await shell("plan", "triage", "--rate", "20", "--errors", "0.5", "-o", "json")
    told = json.loads(done.out)
    assert told["traffic"] == {"requests_per_s": 20.0, "error_rate": 0.005}
    assert len(told["steps"]) == 3


async def test_a_file_is_forecast_without_a_server(nowhere: Shell, file: Path) -> None:
    done = await nowhere("plan", file, "--rate", "20")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("at 20.0 requests a second, of which 1.0 % fail\n")
    assert "step 1: 1 %" in done.out


async def test_a_file_takes_the_traffic_of_the_migration_of_its_name(
    api: Service, shell: Shell, nowhere: Shell, file: Path
) -> None:
    done = await nowhere("plan", file)
    assert (done.code, done.err) == (0, "no control plane tells the traffic; --rate does\n")
    done = await shell("plan", file)
    assert (done.code, "triage is not registered yet" in done.err) == (0, True)
    await api.apply()
    done = await shell("plan", file)
    assert (done.code, done.err) == (0, "")
    assert "step 3: " in done.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (migration(more="steps: [{weight: 200, hold: 5m}]\n"), "wrong.yaml:7"),
        ("a: [", "wrong.yaml"),
    ],
)
def test_a_file_with_problems_is_refused(
    nowhere: Shell, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    done = asyncio.run(nowhere("plan", path))
    assert (done.code, done.out) == (1, "")
    assert told in done.err


async def test_errors_without_a_rate_are_a_usage_error(nowhere: Shell) -> None:
    assert (await nowhere("plan", "triage", "--errors", "1")).code == 2
    assert (await nowhere("plan", "triage", "--rate", "0")).code == 2
