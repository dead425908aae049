"""The kinds of values that the two files hold: how each is written, and what becomes of it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema

from control.files import units
from control.files.problems import Wrong

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
VARIABLE = r"^[A-Z_][A-Z0-9_]{0,127}$"
HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$"
PATH = r"^/[!-~]{0,2047}$"
DEAREST = 1_000_000

_CREDENTIALS = (
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
)


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise Wrong("is not a name", "letters, digits, '.', '_' and '-', at most 63 of them")
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(VARIABLE, text):
        raise Wrong(
            "is not the name of an environment variable",
            "write the variable's name in capitals, never the key itself",
        )
    return text


def _clean(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise Wrong("is empty or has spaces around it")
    if not text.isprintable():
        raise Wrong("holds control characters")
    return text


def _model(text: str) -> str:
    if text in (".", ".."):
        raise Wrong("is not a model's name", "it would lead elsewhere in a path")
    return text


def _sentence(text: str) -> str:
    _clean(" ".join(text.split()))
    return text.strip()


def _header_name(text: str) -> str:
    if not re.fullmatch(HEADER, text):
        raise Wrong("is not the name of a header")
    if text.lower() in _CREDENTIALS:
        raise Wrong("carries credentials, which never reach the store", "name another header")
    return text.lower()


def _header_value(text: str) -> str:
    if not text.isascii():
        raise Wrong("is not ASCII")
    return text


def _path(text: str) -> str:
    if not re.fullmatch(PATH, text) or "?" in text or "#" in text:
        raise Wrong("is not a path", "write it as requests send it, without '?': /v1/responses")
    return text


def _sticky(text: str) -> str:
    kind, colon, name = text.partition(":")
    if kind == "header" and colon:
        if name.lower() in _CREDENTIALS:
            raise Wrong("carries credentials", "write: credential")
        return f"header:{_header_name(name)}"
    if text == "credential" or (kind == "body" and all(name.split("."))):
        return text
    raise Wrong(
        "is not a sticky key", "write header:NAME, body:NAME, body:OUTER.NAME or credential"
    )


def _usd(written: object) -> Decimal:
    if isinstance(written, bool) or not isinstance(written, int | Decimal):
        raise Wrong("is not a price", "write USD per million tokens: 0.15")
    if not 0 <= written <= DEAREST:
        raise Wrong(f"is not a price from 0 to {DEAREST} USD per million tokens")
    return Decimal(written)


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise Wrong("must be more than 0")
    return seconds


def _duration_schema() -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": units.DURATION, "examples": ["10s", "5m"]})


def _size_schema() -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": units.SIZE, "examples": ["64MiB"]})


Text = Annotated[str, Field(max_length=256), AfterValidator(_clean)]
ModelName = Annotated[Text, AfterValidator(_model)]
Sentence = Annotated[str, Field(max_length=2_000), AfterValidator(_sentence)]
Prompt = Annotated[str, Field(min_length=1, max_length=262_144)]
Name = Annotated[str, AfterValidator(_name)]
Variable = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": VARIABLE})]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[Text, AfterValidator(_header_value)]
RequestPath = Annotated[str, AfterValidator(_path)]
StickyKey = Annotated[str, Field(max_length=256), AfterValidator(_sticky)]
Member = Annotated[str, Field(min_length=1, max_length=256)]
Duration = Annotated[
    float, BeforeValidator(units.seconds), AfterValidator(_positive), _duration_schema()
]
Size = Annotated[int, BeforeValidator(units.size), AfterValidator(_positive), _size_schema()]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
Usd = Annotated[Decimal, BeforeValidator(_usd), WithJsonSchema({"type": "number", "minimum": 0})]
Switch = StrictBool
