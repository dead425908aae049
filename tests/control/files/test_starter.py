"""The starter pair is sound, explains itself, and never lands on another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files import config, plan, starter
from control.files.lint import lint
from control.files.problems import Wrong


def test_the_starter_pair_is_sound_as_it_is(tmp_path: Path) -> None:
    paths = starter.write(tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["crossfade.yaml", "first-migration.yaml"]
    assert lint(paths, {}) == ()
    local = config.load(paths[0], {})
    assert plan.read(paths[1], local).name == "first-migration"


def test_everything_that_is_commented_out_is_sound_too(tmp_path: Path) -> None:
    for path in starter.write(tmp_path):
        lines = path.read_text().splitlines()
        shown = [line for line in lines if "{tokens_env" not in line]
        path.write_text("\n".join(_uncommented(line) for line in shown))
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "triage.txt").write_text("Be brief.")
    environ = {
        "CROSSFADE_TOKEN": "t",
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_API_KEY": "k",
        "SLACK_WEBHOOK": "https://hooks.example.com/x",
    }
    paths = [tmp_path / name for name in starter.starter()]
    assert [str(problem) for problem in lint(paths, environ)] == []
    local = config.load(paths[0], environ)
    assert len(local.upstreams) == 3
    course = plan.read(paths[1], local).course
    assert (len(course.steps), len(course.limits), len(course.notify)) == (4, 5, 1)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "first-migration.yaml").write_text("mine")
    with pytest.raises(Wrong, match="exists already"):
        starter.write(tmp_path)
    assert (tmp_path / "first-migration.yaml").read_text() == "mine"
    assert not (tmp_path / "crossfade.yaml").exists()


def _uncommented(line: str) -> str:
    """The line with a commented-out field in force; sentences stay comments."""
    bare = line.lstrip()
    text = bare.removeprefix("# ")
    name = text.lstrip().removeprefix("- {").partition(":")[0]
    is_field = name.isidentifier() and "sets" not in text
    return line.replace("# ", "", 1) if bare.startswith("# ") and is_field else line
