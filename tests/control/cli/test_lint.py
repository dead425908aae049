"""`lint`: every problem at once, and an exit code that CI can use."""

from __future__ import annotations

import json
from pathlib import Path

from tests.control.cli.shell import Shell
from tests.control.office import CONFIG, migration


async def test_all_problems_are_told_at_once(nowhere: Shell, tmp_path: Path) -> None:
    config = tmp_path / "crossfade.yaml"
    config.write_text(CONFIG + "wrokers: 1\n")
    file = tmp_path / "triage.yaml"
    file.write_text(migration(candidate="absent") + "mirror: {percent: 1}\n")
    done = await nowhere("lint", config, file)
    assert done.code == 1
    lines = done.out.splitlines()
    assert len(lines) == 3
    assert "crossfade.yaml:10: wrokers" in lines[0]
    assert "did you mean workers" in lines[0]
    assert done.err == "Error: 3 problems to mend\n"


async def test_json_has_a_record_for_each_problem(nowhere: Shell, tmp_path: Path) -> None:
    done = await nowhere("lint", tmp_path / "absent.yaml", "-o", "json")
    assert done.code == 1
    (problem,) = json.loads(done.out)
    assert set(problem) == {"file", "line", "where", "message", "hint", "warning"}
    assert done.err == "Error: 1 problem to mend\n"


async def test_warnings_alone_are_good(nowhere: Shell, tmp_path: Path) -> None:
    file = tmp_path / "triage.yaml"
    file.write_text(migration())
    done = await nowhere("lint", file)
    assert done.code == 0
    assert "warning" in done.out
    assert done.out.endswith("1 file checked: good\n")
    assert isinstance(json.loads((await nowhere("lint", file, "-o", "json")).out), list)


async def test_it_needs_a_file(nowhere: Shell) -> None:
    assert (await nowhere("lint")).code == 2
