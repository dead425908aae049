"""The composition root: builds both planes out of the configuration, and runs them."""

from __future__ import annotations

import logging
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from control import config as configuration
from control.api.facts import Facts, Readiness
from control.api.listener import AdminApi
from control.conduct import Conductor, conduct
from control.config import Config
from control.desk import Desk
from control.evidence import Evidence
from control.fleet import Fleet
from control.forward import Forward
from control.gauges import exposition as control_exposition
from control.problems import Problem
from control.release import release
from control.settings import prices
from control.store import Store
from control.stored import stored
from proxy import journal
from proxy.build import DataPlane, Parts, build
from proxy.clients import Clients
from proxy.figures import figures
from proxy.process import flushing, running, settle, stop_event, until_drained, worker_name
from proxy.telemetry import CONTENT_TYPE, Gauges, exposition
from proxy.watch import Watch

log = logging.getLogger("crossfade")


def run(path: Path) -> None:
    """Serve by the file at `path` until SIGTERM or SIGINT; its warnings are logged.

    Raises ConfigError, StoreInUse, Invalid for a bad address, or OSError for one that is taken.
    """
    journal.start(time.monotonic)
    uvloop.run(serve(configuration.load(path, os.environ, warn=_warn)))


async def serve(config: Config) -> None:
    """Build everything, serve, drain."""
    stop = stop_event()
    built = build(_parts(config))
    async with stored(config) as kept:
        watch = Watch(
            kept.source, built.plane.swap, state_dir=config.state_dir, worker=worker_name()
        )
        conductor = conduct(config, kept.store, lambda _: Evidence(), Forward(), who=_leader_name())
        admin = AdminApi(
            desk=_desk(config, kept.store, watch, built, conductor),
            facts=_facts(config, watch, built, conductor),
            tokens=config.admin.tokens,
        )
        conductor.loop.rang = admin.watchers.ring
        flush = flushing(built, kept.sinks, worker_name())
        async with (
            running(built, watch, config.listen, flush=flush) as traffic,
            conductor.running(),
        ):
            try:
                bound = await admin.listen(config.admin.listen)
                settle()
                log.info(
                    "serving environment=%s traffic=%s admin=%s",
                    config.environment,
                    ",".join(traffic),
                    bound,
                )
                await until_drained(built, stop)
            finally:
                await admin.close()


def _parts(config: Config) -> Parts:
    tokens = config.clients if isinstance(config.clients, tuple) else None
    return Parts(
        upstreams=config.upstreams,
        clients=Clients(tokens),
        limits=config.limits,
        prices={(one.upstream, one.model): one.price() for one in prices(config)},
    )


def _leader_name() -> str:
    """Containers can share a host's name and a process's number: leaders must not."""
    return f"{worker_name()}:{secrets.token_hex(4)}"


def _desk(
    config: Config, store: Store, watch: Watch, built: DataPlane, conductor: Conductor
) -> Desk:
    recorder = built.recorder
    return Desk(
        store=store,
        config=config,
        acknowledged=Fleet(
            store, worker=worker_name(), reached=watch.reached, clock=time.monotonic
        ),
        figures=lambda name, arm: figures(recorder.arm(name, arm)),
        now=lambda: datetime.fromtimestamp(conductor.now_s(), UTC),
        clock=time.monotonic,
        draw_salt=lambda: secrets.token_hex(16),
        judge=conductor.rulings,
    )


def _facts(config: Config, watch: Watch, built: DataPlane, conductor: Conductor) -> Facts:
    plane, recorder = built.plane, built.recorder

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
        return exposition(recorder, gauges) + control_exposition(conductor.bearing())

    return Facts(
        environment=config.environment,
        readiness=readiness,
        exposition=metrics,
        exposition_type=CONTENT_TYPE,
        test_notifier=conductor.test_notifier,
    )


def _warn(problem: Problem) -> None:
    log.warning("config_warning %s", problem)
