"""The data plane in worker processes, and all that their parent knows of them."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from control.api.facts import Readiness
from control.files.config import Config
from control.files.settings import settings
from control.hosting.beside import beside, only
from control.hosting.listening import listening
from control.hosting.stored import Kept
from control.hosting.supervise import Supervisor, supervising
from control.release import release
from proxy import delta
from proxy.carrying.plane import spelt
from proxy.errors import Invalid
from proxy.following.watch import Watch
from proxy.policy import Snapshot
from proxy.recording.gathered import gather
from proxy.recording.record import Recorder
from proxy.recording.telemetry import Gauges
from proxy.running.heir import WORKERS, held, succeed
from proxy.running.settings import encode

log = logging.getLogger(__name__)


class Crew:
    """Worker processes under one supervisor.

    The watch only observes: the workers follow the store themselves. `recorder` adds up what they
    flush; a killed one's last second is lost.
    """

    def __init__(self, supervisor: Supervisor, board: Board, watch: Watch) -> None:
        self.addresses: Sequence[str] = board.addresses
        self.watch = watch
        self.recorder = board.recorder
        self.worker = None
        self._board = board
        self._supervisor = supervisor

    def readiness(self) -> Readiness:
        standings = [one for one in self._supervisor.standings() if not one.draining]
        versions = [one.version for one in standings if one.version is not None]
        ages = [one.age_s for one in standings if one.age_s is not None]
        said = [reason for one in standings for reason in one.reasons]
        reasons = (*self._supervisor.reasons, *dict.fromkeys((*self.watch.status().reasons, *said)))
        return Readiness(
            snapshot_version=min(versions, default=None),
            snapshot_age_s=max(ages, default=None),
            degraded=bool(reasons),
            reasons=reasons,
            draining=self._supervisor.draining,
        )

    def gauges(self) -> Gauges:
        standings = self._supervisor.standings()
        ages = [one.age_s for one in standings if one.age_s is not None]
        return Gauges(
            build=release(),
            active_streams=sum(one.active for one in standings),
            snapshot=self._board.snapshot,
            snapshot_age_s=max(ages, default=None),
            latched=self.watch.obeying.latched.spelt,
            breakers=Counter(name for one in standings for name in one.breakers),
            trips=sum((Counter(one.trips) for one in standings), Counter()),
            workers_ready=self._supervisor.ready,
            worker_restarts=self._supervisor.restarts,
        )

    def look(self) -> None:
        self.watch.obeying.hint()
        self._supervisor.look()

    async def flush(self) -> None:
        await self._supervisor.flush()

    async def until_drained(self, stop: asyncio.Event) -> None:
        """A SIGHUP in the meantime replaces the workers one by one."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            loop.add_signal_handler(signal.SIGHUP, lambda: tasks.create_task(self._restart()))
            try:
                await stop.wait()
                stop.clear()
                self._board.close()
                await self._supervisor.drain(stop)
            finally:
                loop.remove_signal_handler(signal.SIGHUP)

    async def _restart(self) -> None:
        try:
            await self._supervisor.restart()
        except Exception:  # those that serve go on
            log.exception("rolling_restart_failed")


class Board:
    """The host's sockets, its newest snapshot as it may serve it, and its workers' counts."""

    def __init__(self, listen: Sequence[str], *, beside: bool = False) -> None:
        self.sockets = listening(listen, beside=beside)
        self.addresses = [spelt(one.getsockname()) for one in self.sockets]
        self.recorder = Recorder()
        self.snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def count(self, flushed: bytes) -> None:
        """Adds what a worker measured; what cannot be read is the log's."""
        try:
            gather(self.recorder, delta.decode(flushed))
        except Invalid as error:
            log.error("delta_refused reason=%s", error)

    def close(self) -> None:
        """Takes no more connections, once the workers do not either."""
        for one in self.sockets:
            one.close()


@asynccontextmanager
async def crew(config: Config, kept: Kept) -> AsyncIterator[Crew]:
    """Serves while this lasts. Raises Invalid or OSError for addresses to listen on."""
    board = Board(config.listen, beside=held(config.state_dir, WORKERS))
    watch = Watch(kept.source, board.show, state_dir=config.state_dir, worker=None)
    try:
        async with (
            beside(watch.run()),
            supervising(
                config.workers,
                encode(settings(config)),
                board.sockets,
                drain_s=config.limits.drain_timeout,
                on_delta=board.count,
            ) as supervisor,
        ):
            await supervisor.started()
            async with beside(succeed(config.state_dir)):
                yield Crew(supervisor, board, watch)
    except BaseExceptionGroup as group:
        raise only(group) from None
    finally:
        board.close()
