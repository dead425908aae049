"""pydantic's refusals in the words of someone who has to mend a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from pydantic_core import ErrorDetails

from control.files.problems import Wrong

Words = tuple[str, str | None]


def words(error: ErrorDetails, value: object) -> Words:
    """A message and perhaps a hint; `value` decides the wording and is never part of it."""
    context = error.get("ctx", {})
    wrong = context.get("error")
    if isinstance(wrong, Wrong):
        return wrong.message, wrong.hint
    if error["type"] == "missing":
        return "is missing", None
    if value is None:
        return "is empty", "write a value or leave the line out"
    say = _SENTENCES.get(error["type"])
    return say(context, value) if say else ("is not accepted here", None)


def _text(_: Mapping[str, object], value: object) -> Words:
    quotable = isinstance(value, bool | int | Decimal)
    return "must be text", "put it in quotes" if quotable else None


def _choice(context: Mapping[str, object], _: object) -> Words:
    return f"must be {context.get('expected', 'another word')}", None


def _bounds(context: Mapping[str, object], _: object) -> Words:
    low, high = context.get("ge"), context.get("le")
    return (f"must be at least {low}" if high is None else f"must be at most {high}"), None


def _too_long(context: Mapping[str, object], _: object) -> Words:
    return f"is longer than {context['max_length']} characters", None


def _empty(_: Mapping[str, object], __: object) -> Words:
    return "must not be empty", None


def _too_many(context: Mapping[str, object], _: object) -> Words:
    return f"has more than {context['max_length']} entries", None


def _true_or_false(_: Mapping[str, object], value: object) -> Words:
    words = ("yes", "no", "on", "off", "y", "n", "true", "false")
    is_word = isinstance(value, str) and value.lower() in words
    return "must be true or false", "yes, no, on and off are text in YAML 1.2" if is_word else None


def _whole_number(_: Mapping[str, object], __: object) -> Words:
    return "must be a whole number", None


def _list(_: Mapping[str, object], __: object) -> Words:
    return "must be a list", "write [a, b] or one '- ' line an entry"


def _mapping(_: Mapping[str, object], __: object) -> Words:
    return "must be a mapping", "write {name: value} or indented 'name: value' lines"


_SENTENCES: Mapping[str, Callable[[Mapping[str, object], object], Words]] = {
    "string_type": _text,
    "enum": _choice,
    "literal_error": _choice,
    "greater_than_equal": _bounds,
    "less_than_equal": _bounds,
    "string_too_long": _too_long,
    "string_too_short": _empty,
    "too_long": _too_many,
    "too_short": _empty,
    "bool_type": _true_or_false,
    "int_type": _whole_number,
    "list_type": _list,
    "dict_type": _mapping,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
}
