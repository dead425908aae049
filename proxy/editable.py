"""What an arm's edits may not do; a bad one is refused when it is written, not when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from proxy.errors import Invalid

_OWNED = ("model", "stream")  # the arm's word and the caller's
_PROMPTS = ("messages", "instructions", "system", "systemInstruction", "system_instruction")


def check_values(values: Mapping[str, str]) -> None:
    """Refuse a value that is not JSON text."""
    for name, text in values.items():
        try:
            msgspec.json.decode(text)
        except (ValueError, RecursionError) as error:
            raise Invalid(f"the value that edits set for {name!r} is not JSON") from error


def check_rename(renamed: Mapping[str, str]) -> None:
    """Refuse dots: a rename reaches top-level members alone."""
    for name in (*renamed, *renamed.values()):
        if "." in name:
            raise Invalid(f"a rename reaches top-level members alone, so no dots: {name!r}")


def check_names(named: Iterable[str], *, prompted: bool) -> None:
    """Refuse an empty name, one that edits do not own, and two edits of one member.

    `prompted` says that a system prompt is edited too: it owns the members that can hold one.
    """
    paths = sorted(name.split(".") for name in named)
    for path in paths:
        if not all(path):
            raise Invalid(f"an edit's name is empty or has an empty part: {'.'.join(path)!r}")
        if path[0] in _OWNED:
            raise Invalid(f"edits leave {path[0]!r} alone")
        if prompted and path[0] in _PROMPTS:
            raise Invalid(f"two edits reach {path[0]!r}: the system prompt and another")
    for first, second in pairwise(paths):
        if second[: len(first)] == first:  # sorted, so a path stands right before what it holds
            raise Invalid(f"two edits reach {'.'.join(first)!r}")
