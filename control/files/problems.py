"""What is wrong with a file: where it stands, what it is, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from proxy.errors import Invalid

LONGEST_SHOWN = 64
MOST_LISTED = 12


class Wrong(Invalid):
    """A value breaks its field's rules; `hint` says what to write instead.

    Neither text ever holds the value itself: it may be a key that was pasted into the wrong place.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend in one file; a warning does not keep the file from being used."""

    file: str
    line: int | None
    where: str
    message: str
    hint: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        parts = [self.file if self.line is None else f"{self.file}:{self.line}"]
        if self.warning:
            parts.append("warning")
        if self.where:
            parts.append(self.where)
        parts.append(self.message)
        text = ": ".join(part for part in parts if part)
        return f"{text} ({self.hint})" if self.hint else text


class ConfigError(Invalid):
    """A file was refused; `problems` lists all that is wrong with it, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems by line; only the first of several about one place that stop the file.

    What made a value unreadable is its problem; that its field then misses a value is not.
    """
    kept: list[Problem] = []
    places: set[tuple[str, str]] = set()
    for problem in problems:
        place = (problem.file, problem.where)
        if problem.warning or not problem.where or place not in places:
            kept.append(problem)
        places.add(place)
    return tuple(sorted(kept, key=lambda problem: (problem.file, problem.line or 0)))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that keep a file from being used."""
    return tuple(problem for problem in problems if not problem.warning)


def suggestion(name: str, known: Collection[str]) -> str | None:
    """A hint that names the known word meant, or lists the known ones; None where none are."""
    close = difflib.get_close_matches(name[:LONGEST_SHOWN], known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {shown(close[0])}?"
    if not known:
        return None
    listed = sorted(known)[:MOST_LISTED]
    more = ", ..." if len(known) > MOST_LISTED else ""
    return f"known here: {', '.join(shown(word) for word in listed)}{more}"


def shown(name: str) -> str:
    """A name fit for a terminal: short, and without control characters."""
    safe = "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST_SHOWN])
    return safe + "..." if len(name) > LONGEST_SHOWN else safe
