"""The admin API's answers as the records that they are."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from control.cli.outcome import Unreachable

T = TypeVar("T")


def read(answer: object, shape: type[T]) -> T:
    """An answer in its shape. Raises Unreachable where it has another; fields may be added."""
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError as error:
        raise Unreachable(f"the control plane answered in an unknown shape: {error}") from error
