"""Newline-delimited JSON, which Ollama streams, out of any pieces of bytes."""

from __future__ import annotations

from collections.abc import Sequence

from proxy.metering.held import Held, cut
from proxy.metering.splitter import Splitter


class Lines(Splitter):
    """Gives each complete line that is not blank."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = Held()

    @property
    def at_boundary(self) -> bool:
        return not self._held

    def feed(self, piece: bytes) -> Sequence[bytes]:
        """The lines that this piece completes."""
        first, end, others = piece.partition(b"\n")
        if not end:
            if piece:
                self._held.add(piece)
            return ()
        lines = others.split(b"\n")
        unfinished = lines.pop()
        found = [self._held.take(first).strip(), *(cut(line).strip() for line in lines)]
        if unfinished:
            self._held.add(unfinished)
        return [line for line in found if line]

    def rest(self) -> Sequence[bytes]:
        """A last line without its line end: readers take it, so it happened."""
        whole = self._held.take().strip()
        return (whole,) if whole else ()
