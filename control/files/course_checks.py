"""Rules of a migration file's ramp that bind several fields or entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from control.files import check
from control.files.course_file import LimitSheet, NotifySheet, StepSheet
from control.files.problems import Problem, suggestion
from control.files.written import Where, Written
from control.words.criteria import Limit, OnFail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What can be read of a ramp's lists, by each entry's place in the file."""

    steps: Mapping[int, StepSheet]
    limits: Mapping[int, LimitSheet]
    notify: Mapping[int, NotifySheet]


def entries(file: Written) -> Entries:
    """The entries of a file, those that cannot be read left out."""
    return Entries(
        steps=check.entries(StepSheet, file, "steps"),
        limits=check.entries(LimitSheet, file, "limits"),
        notify=check.entries(NotifySheet, file, "notify"),
    )


def problems(
    read: Entries,
    file: Written,
    limits: Mapping[int, Limit],
    notifiers: Iterable[str] | None,
) -> Iterator[Problem]:
    """Every broken rule, and warnings; `limits` are those that could be read, by their place."""
    yield from _steps(read.steps, file)
    if read.steps and len(read.limits) == _count(file, "limits") and _harmless(read.limits):
        yield file.warning(("steps",), "go up without a limit that could stop them")
    yield from _limits(read.limits, file)
    yield from _repeated({at: limit.key for at, limit in limits.items()}, "limits", file)
    names = {at: entry.to for at, entry in read.notify.items()}
    yield from _repeated(names, "notify", file)
    yield from _notifiers(names, file, notifiers)


def _steps(steps: Mapping[int, StepSheet], file: Written) -> Iterator[Problem]:
    count = _count(file, "steps")
    for at, step in steps.items():
        place: Where = ("steps", at)
        last, before = at + 1 == count, steps.get(at - 1)
        if step.soak is not None and step.hold is not None:
            yield file.problem((*place, "hold"), "is said beside soak", "keep one of them")
        if step.soak is not None and not last:
            yield file.problem((*place, "soak"), "is for the last step alone", "write: hold")
        if step.holdback and step.soak is None:
            yield file.problem((*place, "holdback"), "goes with soak")
        if step.holdback > step.weight:
            yield file.problem((*place, "holdback"), "is more than the step's weight")
        if before is not None and step.weight - step.holdback <= before.weight - before.holdback:
            yield file.warning((*place, "weight"), "is not above the step before it")


def _limits(limits: Mapping[int, LimitSheet], file: Written) -> Iterator[Problem]:
    for at, limit in limits.items():
        if limit.on_fail is OnFail.WARN and limit.within is not None:
            hint = "leave it out, or write another on_fail"
            yield file.problem(("limits", at, "within"), "is a deadline for nothing", hint)


def _harmless(limits: Mapping[int, LimitSheet]) -> bool:
    return all(limit.on_fail is OnFail.WARN for limit in limits.values())


def _count(file: Written, field: str) -> int:
    """How many entries a list has in the file, read or unread."""
    said = file.value.get(field) if isinstance(file.value, dict) else None
    return len(said) if isinstance(said, list) else 0


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
