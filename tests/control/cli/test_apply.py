"""`apply`: what is read here, what is sent, what is refused where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.office import migration

PROMPT = "candidate_edits: {system_prompt: {replace_file: prompts/v2.txt}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "repository" / "triage.yaml"
    write(path, migration())
    return path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


async def test_a_file_is_registered(api: Service, shell: Shell, file: Path) -> None:
    done = await shell("apply", file)
    assert done.code == 0
    assert done.out.startswith("triage: weight 0 %, Pending (Registered), version 1\n")
    assert (await shell("apply", file)).out.startswith("triage: unchanged: ")
    assert [one.name for one in await api.office.desk.list()] == ["triage"]


async def test_prompt_files_go_along(api: Service, shell: Shell, file: Path) -> None:
    write(file, migration(more=PROMPT))
    write(file.parent / "prompts" / "v2.txt", "Be brief.\n")
    assert (await shell("apply", file)).code == 0
    prompt = api.office.served[-1].routes[0].candidate.edits.system_prompt
    assert prompt is not None
    assert prompt.text == "Be brief."


async def test_a_prompt_file_that_is_missing_is_refused_here(shell: Shell, file: Path) -> None:
    write(file, migration(more=PROMPT))
    done = await shell("apply", file)
    assert done.code == 1
    assert "triage.yaml:7" in done.err
    assert "cannot be read" in done.err


async def test_problems_come_with_their_lines(shell: Shell, file: Path) -> None:
    write(file, migration(more="mirror: {percent: 10}\nstikky: {}\n"))
    done = await shell("apply", file)
    assert done.code == 1
    assert done.err.startswith("Error: the migration file is invalid:\n  triage.yaml:7: mirror")
    assert "triage.yaml:8: stikky" in done.err


@pytest.mark.parametrize("text", ["owner: jane\n", "migration: [x]\n", "migration: ''\n", ""])
async def test_a_file_without_a_name_is_refused(shell: Shell, file: Path, text: str) -> None:
    write(file, text)
    done = await shell("apply", file)
    assert done.code == 1
    assert "names no migration" in done.err


async def test_a_file_that_is_no_yaml_is_refused(shell: Shell, file: Path) -> None:
    write(file, "migration: [\n")
    done = await shell("apply", file)
    assert done.code == 1
    assert "not YAML" in done.err


async def test_a_missing_file_is_a_usage_error(shell: Shell, tmp_path: Path) -> None:
    assert (await shell("apply", tmp_path / "absent.yaml")).code == 2


async def test_traffic_does_not_change_over_weight_0(shell: Shell, file: Path) -> None:
    await shell("apply", file)
    await shell("set", "weight", "triage", "10")
    write(file, migration(candidate="gpt-5"))
    done = await shell("apply", file)
    assert done.code == 1
    assert "set the weight to 0 first" in done.err
    done = await shell("apply", file, "--expected-version", "0")
    assert "triage is at version 2, not 0" in done.err
