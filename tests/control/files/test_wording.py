"""Each kind of refusal has a sentence, and none repeats the value."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    TypeAdapter,
    ValidationError,
)

from control.files.problems import Wrong
from control.files.wording import words


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inner: int = 0


MAPPING = ("must be a mapping", "write {name: value} or indented 'name: value' lines")


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (str, 5, ("must be text", "put it in quotes")),
        (str, True, ("must be text", "put it in quotes")),
        (str, Decimal("1.5"), ("must be text", "put it in quotes")),
        (str, ["CANARY"], ("must be text", None)),
        (str, None, ("is empty", "write a value or leave the line out")),
        (Colour, "CANARY", ("must be 'red' or 'blue'", None)),
        (Literal["a", "b"], "CANARY", ("must be 'a' or 'b'", None)),
        (Annotated[int, Field(ge=1)], 0, ("must be at least 1", None)),
        (Annotated[int, Field(le=9)], 10, ("must be at most 9", None)),
        (Annotated[str, Field(max_length=3)], "CANARY", ("is longer than 3 characters", None)),
        (Annotated[str, Field(min_length=1)], "", ("must not be empty", None)),
        (Annotated[list[int], Field(max_length=1)], [1, 2], ("has more than 1 entries", None)),
        (Annotated[list[int], Field(min_length=1)], [], ("must not be empty", None)),
        (StrictBool, "CANARY", ("must be true or false", None)),
        (StrictBool, "Yes", ("must be true or false", "yes, no, on and off are text in YAML 1.2")),
        (StrictInt, "CANARY", ("must be a whole number", None)),
        (list[int], "CANARY", ("must be a list", "write [a, b] or one '- ' line an entry")),
        (dict[str, int], "CANARY", MAPPING),
        (Sheet, "CANARY", MAPPING),
        (complex, "CANARY", ("is not accepted here", None)),
    ],
)
def test_a_refusal_reads_as_a_sentence(
    kind: object, value: object, said: tuple[str, str | None]
) -> None:
    adapter: TypeAdapter[object] = TypeAdapter(kind)  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(value)
    (error,) = refused.value.errors(include_url=False, include_input=False)
    assert words(error, value) == said


def test_a_missing_field_is_missing() -> None:
    error = {"type": "missing", "loc": ("a",), "msg": "", "input": {}}
    assert words(error, {}) == ("is missing", None)  # type: ignore[arg-type]


def test_a_rule_of_our_own_speaks_for_itself() -> None:
    context = {"error": Wrong("is odd", "write 1")}
    error = {"type": "value_error", "loc": ("a",), "msg": "CANARY", "input": "x", "ctx": context}
    assert words(error, "x") == ("is odd", "write 1")  # type: ignore[arg-type]
