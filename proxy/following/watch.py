"""From the source to the snapshot that serves: the newer comes in, the doubtful stays out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path

import msgspec

from proxy import wire
from proxy.errors import Invalid
from proxy.following import lastgood
from proxy.following.admit import NOTHING_COMMITTED, Held, admit, hastens
from proxy.following.obey import Obeying
from proxy.policy import Snapshot
from proxy.source import Source, SourceUnavailable
from proxy.source.thread import OwnThread

POLL_S = 1.0
GIVE_WAY_S = 0.005  # after a switch: the host's other workers switch before this one reports
MOST_NOTES = 32
PATIENCE_S = 2.0

log = logging.getLogger(__name__)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How far the served snapshot can be trusted.

    `version` is None while nothing serves. `age_s` counts from when the store last confirmed it,
    or from when it was saved if it came from the disk. It is degraded while there are `reasons`.
    """

    epoch: int | None
    version: int | None
    age_s: float | None
    degraded: bool
    reasons: tuple[str, ...]


class Concern(StrEnum):
    """What can be wrong while a snapshot serves; each clears by itself once it is right again."""

    SOURCE = "source"
    DOCUMENT = "document"
    DISK = "disk"
    ACKNOWLEDGE = "acknowledge"
    FAULT = "fault"


class Watch:
    """Follows a source; what it serves it goes on serving until something newer is valid.

    `apply` swaps a snapshot in, and raises Invalid for one that cannot serve; it is given what the
    host's latches leave of it (`obeying`). `worker` None only observes: it acknowledges nothing.
    `notes` are what the worker has to say of itself beside its version.
    """

    def __init__(
        self,
        source: Source,
        apply: Callable[[Snapshot], None],
        *,
        state_dir: Path,
        worker: str | None,
        clock: Callable[[], float] = time.monotonic,
        notes: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.faults = 0
        self.obeying = Obeying(apply, state_dir)
        self._source = source
        self._state_dir = state_dir
        self._worker = worker
        self._clock = clock
        self._notes = notes
        self._served: Held | None = None
        self._floor: Held | None = None  # the last good one on disk: nothing older may serve
        self._confirmed_at = 0.0
        self._refused: bytes | None = None
        self._saved: bytes | None = None
        self._concerns: dict[Concern, str] = {}
        self._moved = asyncio.Event()
        self._disk = OwnThread("last-good", patience_s=PATIENCE_S)
        # Apart from the disk's: a disk that hangs must not keep a rollback from being read.
        self._decoder = OwnThread("decoder", patience_s=PATIENCE_S)

    @property
    def snapshot(self) -> Snapshot | None:
        """What the store last gave to serve, latches aside; None until something does."""
        return None if self._served is None else self._served.snapshot

    def status(self) -> Status:
        """The served version, its age, and what is wrong."""
        snapshot = self.snapshot
        return Status(
            epoch=None if snapshot is None else snapshot.epoch,
            version=None if snapshot is None else snapshot.version,
            age_s=None if snapshot is None else max(0.0, self._clock() - self._confirmed_at),
            degraded=bool(self._concerns or self.obeying.reasons),
            reasons=(*self._concerns.values(), *self.obeying.reasons),
        )

    async def reached(self, version: int, timeout_s: float) -> bool:
        """Waits until `version` or a later one serves here; False when `timeout_s` runs out."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._served is None or self._served.snapshot.version < version:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Follows the source, and the host's latches, until cancelled."""
        try:
            await self.obeying.look()  # before anything serves
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.obeying.run())
                await self._follow_source()
        except BaseExceptionGroup as group:  # obeying raises nothing
            raise group.exceptions[0] from None
        finally:
            self._disk.close()
            self._decoder.close()

    async def _follow_source(self) -> None:
        said: bytes | None = None
        while True:
            await self._turn(said)
            said = await self._source.changed(POLL_S)

    async def _turn(self, said: bytes | None) -> None:
        try:
            if said is not None and self._hears(said):
                await asyncio.sleep(GIVE_WAY_S)
            await self._find_floor()
            await self._follow()
            self._fall_back()
            await self._keep()
            await self._acknowledge()
        except Exception:
            log.exception("watch_failed")
            self.faults += 1
            self._worry(Concern.FAULT, "following the store failed; the log says how")
        else:
            self._settle(Concern.FAULT)

    def _hears(self, said: bytes) -> bool:
        """Whether what a hint carried serves from here on; the store is asked in any case."""
        try:
            held = Held(wire.decode(said)[0], said)
            if not hastens(held, self._served):
                return False
            self._serve(held)
        except Invalid:  # where the store holds it too, that says why
            return False
        return True

    async def _find_floor(self) -> None:
        """Before anything serves: what served last, so that an older document is told apart."""
        if self._served is not None or self._floor is not None:
            return
        try:
            found = await self._disk.run(partial(_last_good, self._state_dir))
        except (OSError, Invalid) as error:
            self._worry(Concern.DISK, f"the last good snapshot cannot be read: {error}")
            return
        if found is not None:
            self._floor, age_s = found
            self._confirmed_at = self._clock() - age_s

    async def _follow(self) -> None:
        known = None if self._served is None else self._served.data
        try:
            data = await self._source.load(known)
        except SourceUnavailable as error:
            self._worry(Concern.SOURCE, f"the store is unavailable: {error}")
            return
        self._settle(Concern.SOURCE)
        try:
            await self._consider(data)
        except (Invalid, TimeoutError) as error:
            self._refused = data
            self._worry(Concern.DOCUMENT, f"the store's document is refused: {error}")

    async def _consider(self, data: bytes | None) -> None:
        if data is not None and data == self._refused:
            return
        if self._served is None or data != self._served.data:
            held = await self._read(data)
            admit(held, self._served or self._floor)
            self._serve(held)
        self._confirmed_at = self._clock()
        self._refused = None
        self._settle(Concern.DOCUMENT)

    async def _read(self, data: bytes | None) -> Held:
        if data is None:
            return NOTHING_COMMITTED
        snapshot, _ = await self._decoder.run(partial(wire.decode, data))
        return Held(snapshot, data)

    def _serve(self, held: Held) -> None:
        self.obeying.apply(held.snapshot)
        self._served = held
        log.info("snapshot_applied epoch=%d version=%d", *held.order)
        self._moved.set()
        self._moved = asyncio.Event()

    def _fall_back(self) -> None:
        """Serves the last good snapshot where the source gave none; it never expires."""
        if self._served is not None or self._floor is None:
            return
        try:
            self._serve(self._floor)
        except Invalid as error:
            self._worry(Concern.DISK, f"the last good snapshot cannot serve: {error}")

    async def _keep(self) -> None:
        data = None if self._served is None else self._served.data
        if data is None or data is self._saved:
            return
        try:
            await self._disk.run(partial(lastgood.save, self._state_dir, data))
        except OSError as error:
            self._worry(Concern.DISK, f"the last good snapshot is not saved: {error}")
        else:
            self._saved = data
            self._settle(Concern.DISK)

    async def _acknowledge(self) -> None:
        if self._worker is None or self.snapshot is None or Concern.SOURCE in self._concerns:
            return
        try:
            await self._source.acknowledge(self._worker, self.snapshot.version, self.notes())
        except SourceUnavailable as error:
            self._worry(Concern.ACKNOWLEDGE, f"the store takes no acknowledgement: {error}")
        else:
            self._settle(Concern.ACKNOWLEDGE)

    def notes(self) -> tuple[str, ...]:
        """What this worker has to say of itself beside its version."""
        held = (f"latched {word}" for word in self.obeying.latched.spelt)
        return (*held, *self._notes())[:MOST_NOTES]

    def _worry(self, concern: Concern, text: str) -> None:
        if self._concerns.get(concern) != text:
            log.warning("degraded concern=%s reason=%s", concern, text)
        self._concerns[concern] = text

    def _settle(self, concern: Concern) -> None:
        if self._concerns.pop(concern, None) is not None:
            log.info("settled concern=%s", concern)


def _last_good(state_dir: Path) -> tuple[Held, float] | None:
    data = lastgood.load(state_dir)
    if data is None:
        return None
    return Held(wire.decode(data)[0], data), lastgood.age_s(state_dir)
