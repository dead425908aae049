"""`serve`: a refusal to start says why and ends with 1; a server serves until it is told to end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.control.cli.shell import Shell
from tests.control.office import CONFIG


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "crossfade.yaml"
    path.write_text(CONFIG)
    return path


async def test_a_missing_file_is_a_usage_error(nowhere: Shell, tmp_path: Path) -> None:
    assert (await nowhere("serve", "-c", tmp_path / "absent.yaml")).code == 2


async def test_an_invalid_file_is_refused_with_all_its_problems(
    nowhere: Shell, tmp_path: Path
) -> None:
    broken = tmp_path / "crossfade.yaml"
    broken.write_text(CONFIG + "wrokers: 1\nstore: mysql://127.0.0.1\n")
    done = await nowhere.process("serve", "-c", broken)
    assert (done.code, done.out) == (1, "")
    assert "Error: not started:" in done.err
    assert "crossfade.yaml:10: wrokers" in done.err
    assert "crossfade.yaml:11: store" in done.err


async def test_it_serves_until_sigterm_and_lets_no_second_one_in(
    nowhere: Shell, config: Path
) -> None:
    process = await nowhere.start("serve", "-c", config)
    assert process.stderr is not None
    while b"serving" not in (line := await process.stderr.readline()):
        assert line, "it ended before it served"
    second = await nowhere.process("serve", "-c", config)
    assert second.code == 1
    assert "another crossfade" in second.err
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode == 0
