"""The data plane in this very process."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from control.api.facts import Readiness
from control.files.config import Config
from control.files.settings import prices
from control.hosting.stored import Kept
from control.release import release
from proxy.carrying.clients import Clients
from proxy.following.watch import Watch
from proxy.recording.flush import Flush
from proxy.recording.record import Recorder
from proxy.recording.telemetry import Gauges
from proxy.running.build import DataPlane, Parts, build
from proxy.running.process import flushing, following, running, settle, until_drained, worker_name

log = logging.getLogger(__name__)


class Single:
    """A data plane that listens, and the watch that it is led by."""

    def __init__(
        self, built: DataPlane, watch: Watch, flush: Flush, addresses: Sequence[str]
    ) -> None:
        self.addresses = addresses
        self.watch = watch
        self.recorder: Recorder = built.recorder
        self.worker = worker_name()
        self._built = built
        self._flush = flush

    def readiness(self) -> Readiness:
        status = self.watch.status()
        return Readiness(
            snapshot_version=status.version,
            snapshot_age_s=status.age_s,
            degraded=status.degraded,
            reasons=status.reasons,
            draining=self._built.plane.draining,
        )

    def gauges(self) -> Gauges:
        return Gauges(
            build=release(),
            active_streams=self._built.plane.active,
            snapshot=self._built.plane.snapshot,
            snapshot_age_s=self.watch.status().age_s,
            latched=self.watch.obeying.latched.spelt,
            breakers=dict.fromkeys(self._built.plane.breaker.opened(), 1),
            trips=dict(self._built.plane.breaker.trips),
        )

    def look(self) -> None:
        self.watch.obeying.hint()

    async def flush(self) -> None:
        await self._flush.now()

    async def until_drained(self, stop: asyncio.Event) -> None:
        settle()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, _no_restart)
        await until_drained(self._built, stop)


@asynccontextmanager
async def single(config: Config, kept: Kept) -> AsyncIterator[Single]:
    """Serves while this lasts. Raises Invalid or OSError for addresses to listen on."""
    built = build(_parts(config))
    worker = worker_name()
    watch = following(built, kept.source, config.state_dir, worker)
    flush = flushing(built, kept.sinks, worker)
    async with running(built, watch, config.listen, flush=flush) as addresses:
        yield Single(built, watch, flush, addresses)


def _parts(config: Config) -> Parts:
    tokens = config.clients if isinstance(config.clients, tuple) else None
    return Parts(
        upstreams=config.upstreams,
        clients=Clients(tokens),
        limits=config.limits,
        prices={(one.upstream, one.model): one.price() for one in prices(config)},
    )


def _no_restart() -> None:
    log.warning("rolling_restart_refused reason=one process cannot; workers: 2 or more can")
