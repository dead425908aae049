"""A JSON array that is sent element by element, which Gemini streams unless asked for events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from proxy.metering.held import Held
from proxy.metering.splitter import Splitter

_QUOTE, _BACKSLASH, _OPEN = b'"\\{'
_TOKENS: Final = re.compile(rb'["\\{}]')


class Elements(Splitter):
    """Gives each complete object of the array; strings may hold any bracket or escape.

    An error event cannot follow in this framing, so it is never at a boundary.
    """

    __slots__ = ("_depth", "_escaped", "_held", "_in_string")

    def __init__(self) -> None:
        self._held = Held()
        self._depth = 0
        self._in_string = False
        self._escaped = False

    @property
    def at_boundary(self) -> bool:
        return False

    def feed(self, piece: bytes) -> Sequence[bytes]:
        """The objects that this piece completes."""
        found = []
        start = 0
        for at in self._braces(piece):
            if piece[at] == _OPEN:
                if self._depth == 0:
                    start = at
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                if self._depth == 0:
                    found.append(self._held.take(piece[start : at + 1]))
        if self._depth:
            self._held.add(piece[start:])
        return found

    def rest(self) -> Sequence[bytes]:
        """What is left at the end: nothing, for an object without its brace is no object."""
        return ()

    def _braces(self, piece: bytes) -> Iterator[int]:
        """Where braces stand that are not inside a string."""
        skipped = 0 if self._escaped else -1  # where the character after a backslash stands
        for token in _TOKENS.finditer(piece):
            at = token.start()
            if at == skipped:
                continue
            if piece[at] == _BACKSLASH:
                skipped = at + 1
            elif piece[at] == _QUOTE:
                self._in_string = not self._in_string
            elif not self._in_string:
                yield at
        self._escaped = skipped == len(piece)
