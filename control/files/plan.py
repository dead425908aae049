"""A migration: what its file says, checked, and the route that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from control.files import plan_checks, written
from control.files.check import check
from control.files.config import Config
from control.files.course import course
from control.files.edits import LONGEST_PROMPT, FindFile, edits, file_under, prompt_files
from control.files.plan_file import Kind, MigrationSheet
from control.files.problems import ConfigError, Problem, Wrong, errors, in_order
from control.files.written import MAX_BYTES, Written
from control.words.steps import Course
from proxy.errors import Invalid
from proxy.policy import Arm, Edits, Match, Route, Split

EDITED = ("baseline_edits", "candidate_edits")


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a migration is made."""

    kind: Kind
    text: str


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """What a migration file asks for; `baseline` and `candidate` name models of crossfade.yaml."""

    name: str
    reason: Reason
    owner: str
    match: Match
    baseline: str
    candidate: str
    baseline_edits: Edits
    candidate_edits: Edits
    sticky: tuple[str, ...]
    allow_force: bool
    course: Course = Course()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A migration file's text, and the texts of the prompt files that it names."""

    text: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a look at the file gave; `migration` is None where it cannot be applied."""

    migration: Migration | None
    problems: tuple[Problem, ...]


def read(path: Path, config: Config) -> Migration:
    """The migration in a file. Raises ConfigError with everything that is wrong with it."""
    return _whole(examine(written.read(path), lambda name: file_under(path.parent, name), config))


def parse(text: str, files: Mapping[str, str], config: Config, *, name: str) -> Migration:
    """The migration in a text that was sent here; no file of this host is read for it.

    Raises ConfigError with everything that is wrong with it; its problems call the file `name`.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES >> 10} KiB"
        raise ConfigError([Problem(file=name, line=None, where="", message=message)])
    return _whole(examine(written.parse(text, name), _sent(files), config))


def collect(path: Path) -> Source:
    """What has to be sent for `parse`: the file's text and its prompt files.

    Raises ConfigError where one of them cannot be read; nothing else is checked.
    """
    file = written.read(path)
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for place in EDITED:
        for name in prompt_files(file, (place,)):
            try:
                files[name] = file_under(path.parent, name)
            except Wrong as wrong:
                where = (place, "system_prompt")
                problems.append(file.problem(where, wrong.message, wrong.hint))
    if problems:
        raise ConfigError(problems)
    return Source(text=written.text_of(path, MAX_BYTES), files=files)


def examine(file: Written, find: FindFile, config: Config | None) -> Examined:
    """The migration and every problem; without a configuration its models are not looked up."""
    sheet, problems = check(MigrationSheet, file)
    if sheet is None:
        return Examined(migration=None, problems=in_order(problems))
    baseline_edits, wrong_baseline = edits(sheet.baseline_edits, file, EDITED[:1], find)
    candidate_edits, wrong_candidate = edits(sheet.candidate_edits, file, EDITED[1:], find)
    ramp, wrong_course = course(sheet, file, None if config is None else config.notifiers)
    problems += [*wrong_baseline, *wrong_candidate, *wrong_course]
    problems += plan_checks.problems(sheet, file, config)
    if errors(problems):
        return Examined(migration=None, problems=in_order(problems))
    migration = _migration(sheet, baseline_edits, candidate_edits, ramp)
    return Examined(migration=migration, problems=in_order(problems))


def route(migration: Migration, config: Config, salt: str, share: int) -> Route:
    """The route that a migration asks for, with its salt (hex) and the candidate's basis points.

    Raises Invalid where the configuration has lost a model that the migration names.
    """
    baseline = _arm(migration.baseline, migration.baseline_edits, config)
    upstream = config.upstream(baseline.upstream)
    if upstream is None:
        raise Invalid(f"crossfade.yaml has no upstream {baseline.upstream}")
    return Route(
        name=migration.name,
        match=migration.match,
        dialect=upstream.dialect,
        baseline=baseline,
        candidate=_arm(migration.candidate, migration.candidate_edits, config),
        split=Split(share=share),
        sticky=migration.sticky,
        salt=salt,
        allow_force=migration.allow_force,
    )


def _whole(examined: Examined) -> Migration:
    if examined.migration is None:
        raise ConfigError(errors(examined.problems))
    return examined.migration


def _sent(files: Mapping[str, str]) -> FindFile:
    def find(name: str) -> str:
        if name not in files:
            raise Wrong("names a file that was not sent with the migration")
        try:
            size = len(files[name].encode())
        except UnicodeEncodeError:
            raise Wrong("names a file that is not Unicode text") from None
        if size > LONGEST_PROMPT:
            raise Wrong(f"names a file that is larger than {LONGEST_PROMPT >> 10} KiB")
        return files[name]

    return find


def _migration(sheet: MigrationSheet, baseline: Edits, candidate: Edits, ramp: Course) -> Migration:
    match = sheet.match
    return Migration(
        name=sheet.migration,
        reason=Reason(kind=sheet.reason.kind, text=sheet.reason.text),
        owner=sheet.owner,
        match=Match(model=match.model, path=match.path, header=dict(match.header)),
        baseline=sheet.baseline,
        candidate=sheet.candidate,
        baseline_edits=baseline,
        candidate_edits=candidate,
        sticky=tuple(sheet.sticky.by),
        allow_force=sheet.allow_force,
        course=ramp,
    )


def _arm(name: str, changes: Edits, config: Config) -> Arm:
    model = config.models.get(name)
    if model is None:
        raise Invalid(f"crossfade.yaml has no model {name}")
    return Arm(name=name, upstream=model.upstream, model=model.model, edits=changes)
