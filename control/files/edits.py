"""The edits of a migration file, as the data plane applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from control.files.plan_file import EditsSheet, SystemPromptSheet
from control.files.problems import Problem, Wrong
from control.files.written import Where, Written, text_of
from proxy import editable
from proxy.errors import Invalid
from proxy.policy import Edits, Placement, SystemPrompt

LONGEST_PROMPT = 256 * 1024

FindFile = Callable[[str], str]

# Decimals keep their digits: 0.20 stays 0.20.
_JSON = msgspec.json.Encoder(decimal_format="number")


def edits(
    sheet: EditsSheet, file: Written, where: Where, find: FindFile
) -> tuple[Edits, list[Problem]]:
    """The edits and every problem with them; `find` gives the text of a prompt file."""
    problems = list(_member_problems(sheet, file, where))
    prompt, wrong = _prompt(sheet.system_prompt, file, (*where, "system_prompt"), find)
    problems += wrong
    if problems:
        return Edits(), problems
    try:
        built = Edits(
            set={name: _JSON.encode(value).decode() for name, value in sheet.set.items()},
            drop=tuple(sheet.drop),
            rename=dict(sheet.rename),
            system_prompt=prompt,
        )
    except Invalid as invalid:
        return Edits(), [file.problem(where, str(invalid))]
    return built, []


def prompt_files(file: Written, where: Where) -> Iterator[str]:
    """The prompt files that the edits at a place name, whatever else is wrong there."""
    value = file.value
    for part in (*where, "system_prompt"):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        for placement in Placement:
            name = value.get(f"{placement}_file")
            if isinstance(name, str):
                yield name


def file_under(folder: Path, name: str) -> str:
    """The text of a prompt file, without the newline at its end.

    Refuses names that lead out of the folder: a migration file made elsewhere must not pull other
    files of this host into a prompt.
    """
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise Wrong("leads out of the migration file's folder", "put the file beside or below it")
    return text_of(folder / path, LONGEST_PROMPT).removesuffix("\n").removesuffix("\r")


def _member_problems(sheet: EditsSheet, file: Written, where: Where) -> Iterator[Problem]:
    named: list[tuple[Where, str]] = [
        *(((*where, "set", name), name) for name in sheet.set),
        *(((*where, "drop", at), name) for at, name in enumerate(sheet.drop)),
        *(((*where, "rename", name), name) for name in sheet.rename),
        *(((*where, "rename", name), new) for name, new in sheet.rename.items()),
    ]
    for place, name in named:
        wrong = _member_problem(name, renamed=place[len(where)] == "rename")
        if wrong is not None:
            yield file.problem(place, wrong)


def _member_problem(name: str, *, renamed: bool) -> str | None:
    if name.partition(".")[0] == "stream_options":
        return "edits leave 'stream_options' alone: crossfade asks for usage itself"
    try:
        editable.check_names([name], prompted=False)
        if renamed:
            editable.check_rename({name: name})
    except Invalid as invalid:
        return str(invalid)
    return None


def _prompt(
    sheet: SystemPromptSheet | None, file: Written, where: Where, find: FindFile
) -> tuple[SystemPrompt | None, list[Problem]]:
    if sheet is None:
        return None, []
    given = sheet.model_dump(exclude_unset=True)
    if len(given) != 1:
        choices = ", ".join(SystemPromptSheet.model_fields)
        return None, [file.problem(where, "takes exactly one change", f"one of {choices}")]
    (field, text), *_ = given.items()
    place = (*where, field)
    try:
        if field.endswith("_file"):
            text = find(text)
        if not text.strip():
            raise Wrong("is empty")
    except Wrong as wrong:
        return None, [file.problem(place, wrong.message, wrong.hint)]
    return SystemPrompt(text=text, placement=Placement(field.removesuffix("_file"))), []
