"""A file's values against a pydantic model: every problem, with its line, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from control.files.problems import Problem, Wrong, suggestion
from control.files.wording import words
from control.files.written import Where, Written

MOST_PASSES = 16


class Sheet(BaseModel):
    """A mapping in a file: only the fields it names.

    `later` are fields that a later version builds; `never` are fields with the reason why not;
    `stand_ins` are values for required fields that could not be read, so that the rest can still
    be checked.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    later: ClassVar[frozenset[str]] = frozenset()
    never: ClassVar[Mapping[str, str]] = {}
    stand_ins: ClassVar[Mapping[str, object]] = {}

    @field_validator("*", mode="before")
    @classmethod
    def _not_empty(cls, value: object) -> object:
        """A name with nothing behind it is a mistake, not a wish for the default."""
        if value is None:
            raise Wrong("is empty", "write a value or leave the line out")
        return value


S = TypeVar("S", bound=Sheet)


def check(model: type[S], written: Written) -> tuple[S | None, list[Problem]]:
    """The model, and all problems.

    Where there are problems the model is what remains without the entries that have them, so that
    rules between entries can still be checked; None where nothing remains.
    """
    problems = list(written.problems)
    if written.value is None and not problems:
        return None, [written.problem((), "the file is empty")]
    try:
        return model.model_validate(written.value), problems
    except ValidationError as refused:
        errors = _errors(refused)
        problems += [_problem(model, written, error) for error in errors]
        return _remains(model, written.value, errors), problems


def entries(model: type[S], written: Written, field: str) -> dict[int, S]:
    """What can be read of each entry of a list in the file, by its place; others are left out.

    Their problems are `check`'s to tell; so an entry that cannot be read hides no rule that
    another one breaks.
    """
    said = written.value.get(field) if isinstance(written.value, dict) else None
    read = {
        at: _readable(model, each) for at, each in enumerate(said if type(said) is list else ())
    }
    return {at: sheet for at, sheet in read.items() if sheet is not None}


def _readable(model: type[S], value: object) -> S | None:
    try:
        return model.model_validate(value)
    except ValidationError as refused:
        return _remains(model, value, _errors(refused))


def _errors(refused: ValidationError) -> list[ErrorDetails]:
    return refused.errors(include_url=False, include_input=False)


def _problem(model: type[Sheet], written: Written, error: ErrorDetails) -> Problem:
    where, value = _place(written.value, error["loc"])
    if error["type"] == "extra_forbidden":
        return written.problem(where, *_unknown(_sheet_at(model, where[:-1]), str(where[-1])))
    message, hint = words(error, value)
    if error["type"] == "missing":
        where = (*where, error["loc"][-1])
    return written.problem(where, message, hint)


def _unknown(sheet: type[Sheet] | None, name: str) -> tuple[str, str | None]:
    assert sheet is not None, "only sheets have fields to be unknown to"
    if name in sheet.later:
        return "is not supported yet by this version", None
    if name in sheet.never:
        return "is not a field here", sheet.never[name]
    names = (field.alias or name for name, field in sheet.model_fields.items())
    return "is not a field here", suggestion(name, tuple(names))


def _place(value: object, loc: Sequence[int | str]) -> tuple[Where, object]:
    """Where in the file a pydantic location is: without the union members and keys it names."""
    where: list[str | int] = []
    for part in loc:
        if _holds(value, part):
            value = _inside(value, part)
            where.append(part)
    return tuple(where), value


def _sheet_at(kind: object, where: Where) -> type[Sheet] | None:
    """The sheet that a place in a file is read as; None where it is none."""
    if isinstance(kind, type) and issubclass(kind, Sheet):
        if not where:
            return kind
        field = kind.model_fields.get(str(where[0]))
        return None if field is None else _sheet_at(field.annotation, where[1:])
    inner = get_args(kind)
    if getattr(kind, "__origin__", None) in (dict, list):
        return _sheet_at(inner[-1], where[1:])
    found = (_sheet_at(option, where) for option in inner)
    return next((sheet for sheet in found if sheet), None)


def _remains(model: type[S], value: object, errors: list[ErrorDetails]) -> S | None:
    """The model of what is left when every entry with an error is taken out."""
    left = deepcopy(value)
    for _ in range(MOST_PASSES):
        places = {_place(left, error["loc"])[0] for error in errors} - {()}
        for place in sorted(places, key=_last_first, reverse=True):
            _take_out(left, place)
        if not places and not _stand_in(model, left, errors):
            return None
        try:
            return model.model_validate(left)
        except ValidationError as again:
            errors = _errors(again)
    return None


def _stand_in(model: type[Sheet], left: object, errors: list[ErrorDetails]) -> bool:
    """Fill in the required fields that are missing; False where one cannot be."""
    missing = [error["loc"][0] for error in errors if error["type"] == "missing"]
    if not isinstance(left, dict) or not all(name in model.stand_ins for name in missing):
        return False
    left.update({name: deepcopy(model.stand_ins[str(name)]) for name in missing})
    return bool(missing)


def _last_first(place: Where) -> list[str]:
    """Orders places so that what is taken out of a list does not move what is taken out next."""
    return [str(part).rjust(12) for part in place]


def _take_out(value: object, place: Where) -> None:
    """Take out what stands at a place; what stood inside it has been taken out before."""
    for part in place[:-1]:
        value = _inside(value, part)
    assert isinstance(value, dict | list), "a place has something around it"
    del value[place[-1]]  # type: ignore[arg-type]


def _holds(value: object, part: int | str) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _inside(value: object, part: int | str) -> object:
    return value[part] if isinstance(value, dict | list) and _holds(value, part) else None  # type: ignore[index]
