"""Checks of both kinds of files without a server: every problem of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from control.files import config, plan, written
from control.files.config import Config
from control.files.config_file import ConfigSheet
from control.files.edits import file_under
from control.files.plan_file import MigrationSheet
from control.files.problems import ConfigError, Problem
from control.files.written import Written

CONFIG_NAME = "crossfade.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    text: Written


def lint(paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """All problems of these files, in their order; warnings are marked as such.

    Migrations are checked against the crossfade.yaml among the files, else the one beside them,
    else the one in the working directory. Variables that are unset are warnings here: secrets need
    not be at hand where files are reviewed.
    """
    files, problems = _read(paths)
    configs = [file for file in files if not _is_migration(file.text)]
    migrations = [file for file in files if _is_migration(file.text)]
    known = None
    for file in configs:
        examined = config.examine(file.text, file.path.parent, environ, lenient=True)
        problems += examined.problems
        known = known or examined.config
    for file in migrations:
        problems += _migration(file, known, bool(configs), environ)
    return tuple(problems)


def _read(paths: Iterable[Path]) -> tuple[list[_File], list[Problem]]:
    files: list[_File] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            files.append(_File(path=path, text=written.read(path)))
        except ConfigError as error:
            problems += error.problems
    return files, problems


def _is_migration(file: Written) -> bool:
    """What a file is meant to be: the kind that more of its fields belong to."""
    fields = set(file.value) if isinstance(file.value, dict) else set()
    wanted = {*MigrationSheet.model_fields, *MigrationSheet.later}
    local = {*ConfigSheet.model_fields, *ConfigSheet.later}
    return len(fields & wanted) > len(fields & local)


def _migration(
    file: _File, known: Config | None, given: bool, environ: Mapping[str, str]
) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = ()
    if not given:
        known, problems = _nearby(file, environ)
    examined = plan.examine(file.text, lambda name: file_under(file.path.parent, name), known)
    return (*problems, *examined.problems)


def _nearby(file: _File, environ: Mapping[str, str]) -> tuple[Config | None, tuple[Problem, ...]]:
    for path in (file.path.parent / CONFIG_NAME, Path(CONFIG_NAME)):
        if path.is_file():
            try:
                examined = config.examine(written.read(path), path.parent, environ, lenient=True)
            except ConfigError as error:
                return None, error.problems
            return examined.config, _broken(file, path, examined.problems)
    message = f"no {CONFIG_NAME} was found, so models, dialects and keys are not checked"
    return None, (_warning(file, message, f"name it too: lint {CONFIG_NAME} {file.path}"),)


def _broken(file: _File, path: Path, found: Sequence[Problem]) -> tuple[Problem, ...]:
    wrong = sum(not problem.warning for problem in found)
    if not wrong:
        return ()
    message = f"{path} has {wrong} problems of its own"
    return (_warning(file, message, f"lint {path} says which"),)


def _warning(file: _File, message: str, hint: str) -> Problem:
    return replace(file.text.warning((), message, hint), line=None)
