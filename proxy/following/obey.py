"""Between the watch and the plane: the host's own latches win over whatever the store says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from proxy.following import latch
from proxy.following.latched import EVERYTHING, Latched, obeyed
from proxy.policy import Snapshot
from proxy.source.thread import OwnThread

LOOK_S = 0.25  # a latch set by another process is obeyed this late at most
PATIENCE_S = 2.0

log = logging.getLogger(__name__)


class Obeying:
    """Hands snapshots on to `apply` as this host may serve them, and again when that changes.

    A folder that cannot be read at the start counts as a latch of everything: somebody made it.
    Later on such a failure leaves what is known.
    """

    def __init__(
        self, apply: Callable[[Snapshot], None], state_dir: Path, *, every_s: float = LOOK_S
    ) -> None:
        self.latched = Latched()
        self.trouble: str | None = None
        self.faults = 0
        self._apply = apply
        self._state_dir = state_dir
        self._every_s = every_s
        self._given: Snapshot | None = None
        self._known = False
        self._hinted = asyncio.Event()
        self._thread = OwnThread("latch", patience_s=PATIENCE_S)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why this host does not serve exactly what the store says."""
        held = tuple(_reason(word) for word in self.latched.spelt)
        return held if self.trouble is None else (*held, self.trouble)

    def apply(self, snapshot: Snapshot) -> None:
        """Serve `snapshot` as far as the latches allow. Raises Invalid as `apply` does."""
        self._apply(obeyed(snapshot, self.latched))
        self._given = snapshot

    def hint(self) -> None:
        """A latch was set or cleared by this very process: look now."""
        self._hinted.set()

    async def look(self) -> None:
        """Reads the latches, and serves by them from here on."""
        try:
            found = await self._thread.run(partial(latch.read, self._state_dir))
        except (OSError, TimeoutError) as error:
            self._doubt(error)
            return
        self.trouble, self._known = None, True
        self._obey(found)

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        try:
            while True:
                await self._look_safely()
                await self._pause()
        finally:
            self._thread.close()

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except Exception:
            log.exception("latch_failed")
            self.faults += 1

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._every_s):
                await self._hinted.wait()
        except TimeoutError:
            return
        self._hinted.clear()

    def _obey(self, found: Latched) -> None:
        if found == self.latched:
            return
        self.latched = found
        log.warning("latched_here migrations=%s", ",".join(found.spelt) or "none")
        if self._given is not None:
            self._apply(obeyed(self._given, found))

    def _doubt(self, error: Exception) -> None:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        text = f"the local latches cannot be read: {why}"
        if self.trouble != text:
            log.warning("latch_unreadable reason=%s", why)
        self.trouble = text
        if not self._known:
            self._obey(Latched(everything=True))


def _reason(word: str) -> str:
    what = "every migration" if word == EVERYTHING else word
    again = "--all" if word == EVERYTHING else word
    return f"{what} is latched on this host; 'crossfade retry {again} --local' clears it"
