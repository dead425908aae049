"""The composition root: builds both planes out of the configuration, and runs them."""

from __future__ import annotations

import logging
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from control.api.facts import Facts
from control.api.listener import AdminApi
from control.desk.desk import Desk
from control.desk.drill import Drill
from control.desk.fleet import Fleet
from control.desk.gauges import exposition as control_exposition
from control.desk.glass import Glass
from control.desk.scoring import Scoring
from control.files import config as configuration
from control.files.config import Config
from control.files.problems import Problem
from control.hosting.beside import beside
from control.hosting.conduct import Conductor, conduct
from control.hosting.forward import Forward
from control.hosting.stored import stored
from control.hosting.traffic import Traffic, carrying
from control.measures.fleet_gauges import exposition as fleet_exposition
from control.measures.measuring import Measuring
from control.store import Store
from proxy.recording.telemetry import CONTENT_TYPE, exposition
from proxy.running import journal
from proxy.running.process import stop_event, worker_name

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
    async with stored(config) as kept, carrying(config, kept) as traffic:
        conductor = conduct(
            config, kept.store, lambda: traffic.watch.snapshot, Forward(), who=_leader_name()
        )
        desk, fleet = _desk(config, kept.store, traffic, conductor)
        admin = AdminApi(
            desk=desk,
            facts=_facts(config, desk, traffic, conductor),
            tokens=config.admin.tokens,
        )
        conductor.loop.rang = admin.watchers.ring
        async with conductor.running(), beside(desk.repeat(fleet.look)):
            try:
                bound = await admin.listen(config.admin.listen)
                log.info(
                    "serving environment=%s traffic=%s admin=%s",
                    config.environment,
                    ",".join(traffic.addresses),
                    bound,
                )
                await traffic.until_drained(stop)
            finally:
                await admin.close()


def _leader_name() -> str:
    """Containers can share a host's name and a process's number: leaders must not."""
    return f"{worker_name()}:{secrets.token_hex(4)}"


def _desk(
    config: Config, store: Store, traffic: Traffic, conductor: Conductor
) -> tuple[Desk, Fleet]:
    fleet = Fleet(store, worker=traffic.worker, reached=traffic.watch.reached, clock=time.monotonic)
    glass = Glass(
        state_dir=config.state_dir,
        own=worker_name(),
        others=lambda: fleet.others,
        names=lambda: _names(traffic),
        look=traffic.look,
    )
    desk = Desk(
        store=store,
        config=config,
        acknowledged=fleet,
        figures=conductor.follow.figures,
        freshen=Measuring(flush=traffic.flush, look=conductor.follow.look).freshen,
        now=lambda: datetime.fromtimestamp(conductor.now_s(), UTC),
        clock=time.monotonic,
        draw_salt=lambda: secrets.token_hex(16),
        judge=conductor.rulings,
        glass=glass,
    )
    return desk, fleet


def _names(traffic: Traffic) -> frozenset[str] | None:
    """The migrations that this host serves; None before it serves any snapshot."""
    snapshot = traffic.watch.snapshot
    return None if snapshot is None else frozenset(route.name for route in snapshot.routes)


def _facts(config: Config, desk: Desk, traffic: Traffic, conductor: Conductor) -> Facts:
    drill = Drill(
        store=desk.store,
        fleet=desk.acknowledged,
        figures=desk.figures,
        now_s=conductor.now_s,
        clock=time.monotonic,
        freshen=desk.freshen,
    )

    def metrics() -> bytes:
        fleet = fleet_exposition(conductor.follow.arms(), conductor.follow.status())
        measured = exposition(traffic.recorder, traffic.gauges())
        return measured + control_exposition(conductor.bearing()) + fleet

    return Facts(
        environment=config.environment,
        readiness=traffic.readiness,
        exposition=metrics,
        exposition_type=CONTENT_TYPE,
        test_notifier=conductor.test_notifier,
        drill=drill.round,
        score=Scoring(store=desk.store, keep=conductor.follow.score).score,
    )


def _warn(problem: Problem) -> None:
    log.warning("config_warning %s", problem)
