"""A Source in memory, which a test makes fail and steps turn by turn."""

from __future__ import annotations

import asyncio

from proxy.source import SourceUnavailable
from tests.doubles.turns import Turns


class MemorySource:
    """Holds one document; while `failure` is set nothing can be loaded or acknowledged."""

    def __init__(self) -> None:
        self.document: bytes | None = None
        self.failure: Exception | None = None
        self.deaf = False  # acknowledgements alone fail
        self.acknowledged: dict[str, int] = {}
        self.said: bytes | None = None  # what the next hint carries
        self.notes: tuple[str, ...] = ()
        self._said: str | None = None
        self._hinted = asyncio.Event()
        self._turns = Turns(self.hint)

    async def load(self, _known: bytes | None = None, /) -> bytes | None:
        if self.failure is not None:
            raise self.failure
        return self.document

    async def changed(self, timeout_s: float) -> bytes | None:
        with self._turns.waiting():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._hinted.wait()
            except TimeoutError:
                return None
            self._hinted.clear()
            said, self.said = self.said, None
            return said

    def hint(self) -> None:
        self._hinted.set()

    async def turn(self) -> None:
        """Returns when whoever follows this source has taken in all that it holds now."""
        await self._turns.whole()

    async def acknowledge(self, worker: str, version: int, notes: tuple[str, ...] = ()) -> None:
        if self.failure is not None or self.deaf:
            raise SourceUnavailable("no acknowledgement today")
        self.acknowledged[worker] = version
        self.notes = notes
        self._said = worker

    async def close(self) -> None:
        self.acknowledged.pop(self._said or "", None)
