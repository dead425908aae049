"""Rules of a migration file's ramp that bind several fields or entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from control.files.course_file import LimitSheet, StepSheet
from control.files.plan_file import MigrationSheet
from control.files.problems import Problem, suggestion
from control.files.written import Where, Written
from control.words.criteria import Limit, OnFail


def problems(
    sheet: MigrationSheet,
    file: Written,
    limits: Mapping[int, Limit],
    notifiers: Iterable[str] | None,
) -> Iterator[Problem]:
    """Every broken rule, and warnings; `limits` are those that could be read, by their place."""
    if complete(file, "steps", sheet.steps):
        yield from _steps(sheet.steps, file)
    if complete(file, "limits", sheet.limits):
        if sheet.steps and all(limit.on_fail is OnFail.WARN for limit in sheet.limits):
            yield file.warning(("steps",), "go up without a limit that could stop them")
        yield from _limits(sheet.limits, file)
        yield from _repeated({at: limit.key for at, limit in limits.items()}, "limits", file)
    if complete(file, "notify", sheet.notify):
        names = {at: entry.to for at, entry in enumerate(sheet.notify)}
        yield from _repeated(names, "notify", file)
        yield from _notifiers(names, file, notifiers)


def complete(file: Written, field: str, found: Sequence[object]) -> bool:
    """Whether every entry of a list in the file could be read: then places in both are the same."""
    said = file.value.get(field) if isinstance(file.value, dict) else None
    return said is None or (isinstance(said, list) and len(said) == len(found))


def _steps(steps: Sequence[StepSheet], file: Written) -> Iterator[Problem]:
    for at, step in enumerate(steps):
        place: Where = ("steps", at)
        last = at + 1 == len(steps)
        if step.soak is not None and step.hold is not None:
            yield file.problem((*place, "hold"), "is said beside soak", "keep one of them")
        if step.soak is not None and not last:
            yield file.problem((*place, "soak"), "is for the last step alone", "write: hold")
        if step.holdback and step.soak is None:
            yield file.problem((*place, "holdback"), "goes with soak")
        if step.holdback > step.weight:
            yield file.problem((*place, "holdback"), "is more than the step's weight")
        if at and step.weight - step.holdback <= steps[at - 1].weight - steps[at - 1].holdback:
            yield file.warning((*place, "weight"), "is not above the step before it")


def _limits(limits: Sequence[LimitSheet], file: Written) -> Iterator[Problem]:
    for at, limit in enumerate(limits):
        if limit.on_fail is OnFail.WARN and limit.within is not None:
            hint = "leave it out, or write another on_fail"
            yield file.problem(("limits", at, "within"), "is a deadline for nothing", hint)


def _repeated(keys: Mapping[int, str], field: str, file: Written) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, key in keys.items():
        if key in seen:
            yield file.problem((field, at), "is there twice")
        seen.add(key)


def _notifiers(
    names: Mapping[int, str], file: Written, known: Iterable[str] | None
) -> Iterator[Problem]:
    if known is None:
        return
    named = set(known)
    for at, name in names.items():
        if name not in named:
            hint = suggestion(name, named) or "add it to notifiers"
            message = "is not one of the notifiers in crossfade.yaml"
            yield file.problem(("notify", at, "to"), message, hint)
