"""The composition root: builds both planes out of the configuration, and runs them."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import secrets
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from control import config as configuration
from control.api.facts import Facts, Readiness
from control.api.listener import AdminApi
from control.config import Config
from control.desk import Desk
from control.release import release
from control.store import StoreInUse, StoreUnavailable
from control.store.embedded import EmbeddedStore
from proxy import journal, lastgood
from proxy.clients import Clients
from proxy.errors import Invalid
from proxy.figures import figures
from proxy.plane import Plane
from proxy.policy import Limits
from proxy.pricebook import PriceBook
from proxy.prices import Price, override
from proxy.record import Recorder
from proxy.source.embedded import EmbeddedSource
from proxy.telemetry import CONTENT_TYPE, Gauges, exposition
from proxy.watch import Watch
from proxy.worker import Worker

FIRST_SNAPSHOT_S = 5.0
PRICES_S = 60.0  # prices change by date and time of day
FILES_A_STREAM = 2.5  # descriptors: two sockets, and half of another for what is idle

log = logging.getLogger("crossfade")


def run(path: Path) -> None:
    """Serve by the file at `path` until SIGTERM or SIGINT.

    Raises ConfigError, StoreInUse, or OSError for an address that is taken.
    """
    config = configuration.load(path, os.environ)
    journal.start(time.monotonic)
    uvloop.run(serve(config))


async def serve(config: Config) -> None:
    """Build everything, serve, drain."""
    stop = _stop_event()
    limits = _fitting(config.limits)
    recorder = Recorder()
    prices = PriceBook(_overrides(config), config.upstreams, datetime.now(UTC))
    worker = Worker(
        upstreams=config.upstreams,
        limits=limits,
        clients=Clients(config.clients if isinstance(config.clients, tuple) else None),
        recorder=recorder,
        prices=prices,
        clock=_microseconds,
    )
    plane = Plane(worker)
    store, source = await _store(config)
    watch = Watch(source, plane.swap, state_dir=config.state_dir, worker=_worker_name())
    desk = Desk(
        store=store,
        config=config,
        acknowledged=watch,
        figures=lambda name, arm: figures(recorder.arm(name, arm)),
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        draw_salt=lambda: secrets.token_hex(16),
    )
    admin = AdminApi(
        desk=desk, facts=_facts(config, plane, watch, recorder), token=config.admin.token
    )
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.run()), tasks.create_task(_refresh(prices))]
        try:
            await watch.reached(0, FIRST_SNAPSHOT_S)
            await _listen(config, plane, admin)
            await stop.wait()
            await _drain(plane, limits, stop)
        finally:
            await admin.close()
            await plane.close()
            for task in running:
                task.cancel()
    await source.close()
    await store.close()


async def _listen(config: Config, plane: Plane, admin: AdminApi) -> None:
    traffic = await plane.listen(config.listen)
    bound = await admin.listen(config.admin.listen)
    gc.collect()
    gc.freeze()  # what is here now stays: the collector need not look at it again
    gc.set_threshold(50_000, 20, 20)
    log.info(
        "serving environment=%s traffic=%s admin=%s", config.environment, ",".join(traffic), bound
    )


async def _drain(plane: Plane, limits: Limits, stop: asyncio.Event) -> None:
    """Let streams finish; a second signal ends the patience."""
    log.info("draining streams=%d", plane.active)
    stop.clear()
    draining = asyncio.create_task(plane.drain(limits.drain_timeout))
    hurry = asyncio.create_task(stop.wait())
    await asyncio.wait((draining, hurry), return_when=asyncio.FIRST_COMPLETED)
    hurry.cancel()
    if not draining.done():
        draining.cancel()
        await plane.drain(0)
    log.info("drained streams=%d", plane.active)


async def _store(config: Config) -> tuple[EmbeddedStore, EmbeddedSource]:
    """The embedded store and the data plane's view of it.

    A store that cannot be read does not keep traffic from being served by the last good snapshot.
    """
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = EmbeddedSource(config.state_dir)
    store = EmbeddedStore(config.state_dir, seed=_seed(config.state_dir))
    store.subscribe(source.hint)
    try:
        await store.open()
    except StoreInUse:
        await store.close()
        raise
    except StoreUnavailable as error:
        log.error("store_unavailable reason=%s", error)
    return store, source


def _seed(state_dir: Path) -> bytes | None:
    try:
        return lastgood.load(state_dir)
    except (OSError, Invalid):
        return None


def _facts(config: Config, plane: Plane, watch: Watch, recorder: Recorder) -> Facts:
    def readiness() -> Readiness:
        status = watch.status()
        return Readiness(
            snapshot_version=status.version,
            snapshot_age_s=status.age_s,
            degraded=status.degraded,
            reasons=status.reasons,
            draining=plane.draining,
        )

    def metrics() -> bytes:
        gauges = Gauges(
            build=release(),
            active_streams=plane.active,
            snapshot=plane.snapshot,
            snapshot_age_s=watch.status().age_s,
        )
        return exposition(recorder, gauges)

    return Facts(
        environment=config.environment,
        readiness=readiness,
        exposition=metrics,
        exposition_type=CONTENT_TYPE,
    )


async def _refresh(prices: PriceBook) -> None:
    while True:
        await asyncio.sleep(PRICES_S)
        prices.refresh(datetime.now(UTC))


def _overrides(config: Config) -> dict[tuple[str, str], Price]:
    return {
        (model.upstream, model.model): override(
            input=model.price.input,
            output=model.price.output,
            cached_input=model.price.cached_input,
            cache_write=model.price.cache_write,
        )
        for model in config.models.values()
        if model.price is not None
    }


def _fitting(limits: Limits) -> Limits:
    """The limits, with no more streams than this process may have files open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = int(hard / FILES_A_STREAM)
    if most >= limits.max_streams:
        return limits
    log.warning("max_streams_lowered from=%d to=%d files=%d", limits.max_streams, most, hard)
    return msgspec.structs.replace(limits, max_streams=most)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _worker_name() -> str:
    return f"{os.uname().nodename}:{os.getpid()}"


def _microseconds() -> int:
    return time.monotonic_ns() // 1000
