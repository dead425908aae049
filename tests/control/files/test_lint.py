"""lint finds what is wrong with files of both kinds, alone and together."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files.lint import lint

LOCAL = """\
upstreams: {openai: {url: "https://api.openai.com", dialect: openai, key_env: KEY}}
models: {old: {upstream: openai}, new: {upstream: openai}}
"""
MIGRATION = """\
migration: m
reason: {kind: cost, text: cheaper}
owner: o
match: {model: old}
baseline: old
candidate: new
"""


def place(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def said(*paths: Path, environ: dict[str, str] | None = None) -> list[str]:
    found = lint(paths, {"KEY": "k"} if environ is None else environ)
    folder = str(paths[0].parent)
    return [str(problem).replace(folder + "/", "") for problem in found]


def test_a_sound_pair_has_no_problems(tmp_path: Path) -> None:
    assert said(place(tmp_path, "m.yaml", MIGRATION), place(tmp_path, "c.yaml", LOCAL)) == []


def test_every_file_is_checked(tmp_path: Path) -> None:
    local = place(tmp_path, "crossfade.yaml", LOCAL + "listn: x\n")
    first = place(tmp_path, "a.yaml", MIGRATION.replace("candidate: new", "candidate: nww"))
    second = place(tmp_path, "b.yaml", MIGRATION.replace("migration: m", "migraton: m"))
    third = place(tmp_path, "c.yaml", "migration: [")
    assert said(first, second, third, tmp_path / "absent.yaml", local) == [
        "c.yaml:1: this is not YAML: expected the node content, but found '<stream end>'",
        "absent.yaml: the file cannot be read: No such file or directory",
        "crossfade.yaml:3: listn: is not a field here (did you mean listen?)",
        "a.yaml:6: candidate: is not one of the models in crossfade.yaml (did you mean new?)",
        "b.yaml:1: migration: is missing",
        "b.yaml:1: migraton: is not a field here (did you mean migration?)",
    ]


def test_unset_keys_are_warnings(tmp_path: Path) -> None:
    (found,) = lint([place(tmp_path, "crossfade.yaml", LOCAL)], {})
    assert found.warning
    assert "KEY is not set" in found.message


def test_a_migration_is_checked_against_the_configuration_beside_it(tmp_path: Path) -> None:
    place(tmp_path, "crossfade.yaml", LOCAL)
    path = place(tmp_path, "m.yaml", MIGRATION.replace("candidate: new", "candidate: nww"))
    assert said(path, environ={}) == [
        "m.yaml:6: candidate: is not one of the models in crossfade.yaml (did you mean new?)"
    ]


def test_a_migration_is_checked_against_the_working_directorys_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "team").mkdir()
    place(tmp_path, "crossfade.yaml", LOCAL)
    monkeypatch.chdir(tmp_path)
    path = place(tmp_path / "team", "m.yaml", MIGRATION.replace("baseline: old", "baseline: odl"))
    assert said(path) == [
        "m.yaml:5: baseline: is not one of the models in crossfade.yaml (did you mean old?)"
    ]


def test_without_a_configuration_lint_says_what_it_did_not_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said(place(tmp_path, "m.yaml", MIGRATION)) == [
        (
            "m.yaml: warning: no crossfade.yaml was found, so models, dialects and keys are not "
            "checked (name it too: lint crossfade.yaml m.yaml)"
        )
    ]


def test_a_broken_configuration_beside_a_migration_is_pointed_out(tmp_path: Path) -> None:
    path = place(tmp_path, "m.yaml", MIGRATION)
    place(tmp_path, "crossfade.yaml", LOCAL + "listn: x\nworkrs: 1\n")
    assert said(path) == [
        "m.yaml: warning: crossfade.yaml has 2 problems of its own (lint crossfade.yaml says which)"
    ]
    place(tmp_path, "crossfade.yaml", "a: [")
    assert said(path)[0].startswith("crossfade.yaml:1: this is not YAML")


def test_prompt_files_are_read_beside_the_migration(tmp_path: Path) -> None:
    edits = "candidate_edits: {system_prompt: {replace_file: p.txt}}\n"
    local = place(tmp_path, "crossfade.yaml", LOCAL)
    path = place(tmp_path, "m.yaml", MIGRATION + edits)
    assert said(path, local) == [
        (
            "m.yaml:7: candidate_edits.system_prompt.replace_file: "
            "the file cannot be read: No such file or directory"
        )
    ]
    place(tmp_path, "p.txt", "CANARY-PROMPT-lint")
    assert said(path, local) == []


def test_a_file_of_neither_kind_is_taken_for_a_configuration(tmp_path: Path) -> None:
    assert said(place(tmp_path, "x.yaml", "[a, b]")) == [
        "x.yaml:1: must be a mapping (write {name: value} or indented 'name: value' lines)"
    ]
