"""The open streams of events: a bounded number, woken by changes, ended before the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from control.api.errors import TOO_MANY_WATCHERS, Rejected

MOST = 64


class Watchers:
    """Counts the streams and wakes them; once `closing`, each of them ends at its next waking."""

    def __init__(self) -> None:
        self.count = 0
        self.closing = False
        self._bell = asyncio.Event()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """One more stream, while it lasts. Refused beyond 64."""
        if self.count >= MOST:
            raise Rejected(TOO_MANY_WATCHERS)
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1

    def bell(self) -> asyncio.Event:
        """What the next `ring` sets; taken before a look, so that no change falls in between."""
        return self._bell

    def ring(self) -> None:
        """Something may have changed: every stream looks."""
        self._bell.set()
        self._bell = asyncio.Event()

    def close(self) -> None:
        """Ends every stream."""
        self.closing = True
        self.ring()
