"""Request bodies met before: an application's next mostly differs in its messages alone.

Model, options, tools and keys stand beside the messages. What they ask for takes five searches to
find, so it is remembered by their bytes.
"""

from __future__ import annotations

from typing import Final

from proxy.routing.asked import Fields

MOST: Final = 1024  # bodies remembered; then all are forgotten
LONGEST: Final = 4096  # bytes beside the messages that are worth remembering


class Bodies:
    """A bounded memory of what plain bodies ask for. It holds what clients sent, so it is never
    written anywhere."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[bytes, Fields] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def get(self, beside: bytes) -> Fields | None:
        """What a body with these bytes beside its messages was read as."""
        return self._seen.get(beside)

    def holds(self, fields: Fields) -> bool:
        """Whether these very fields are remembered."""
        return len(fields.beside) <= LONGEST and self._seen.get(fields.beside) is fields

    def add(self, fields: Fields) -> None:
        """Remember what a body was read as that asks nothing in its messages."""
        if len(fields.beside) > LONGEST:
            return
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[fields.beside] = fields
