"""A worker of a host's parent process: it serves on the parent's sockets and reports to it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from proxy.errors import Invalid
from proxy.following.watch import Watch
from proxy.recording.flush import Flush
from proxy.running.build import DataPlane
from proxy.running.frames import Standing
from proxy.running.heir import WORKERS, hold, succeeded
from proxy.running.hostlink import HostLink
from proxy.running.process import flushing, running, settle, until_drained
from proxy.source import Sink

REPORT_S = 0.5
ALONE_S = 15.0
LINGER_S = 5.0  # how long a worker that is replaced goes on answering who is connected

log = logging.getLogger(__name__)


class Inherited(NamedTuple):
    """What the parent process handed over: its pid, the link to it, the sockets to listen on.

    `alone_s` is how long the worker serves on once the parent has died without a successor.
    """

    parent: int
    link: int
    sockets: tuple[socket.socket, ...]
    state_dir: Path
    alone_s: float


def inherit(link: int, listen: str, state_dir: Path, alone_s: float = ALONE_S) -> Inherited:
    """What the command line names by number. Raises Invalid, or OSError for what is no socket."""
    if not all(part.isdigit() for part in listen.split(",")):
        raise Invalid("--listen-fds is a list of descriptors: 5,6")
    sockets = tuple(socket.socket(fileno=int(part)) for part in listen.split(","))
    for one in sockets:
        os.set_inheritable(one.fileno(), False)
    return Inherited(os.getppid(), link, sockets, state_dir, alone_s)


async def seconded(
    inherited: Inherited,
    built: DataPlane,
    watch: Watch,
    stop: asyncio.Event,
    sinks: Sequence[Sink],
    worker: str,
) -> None:
    """Serve and report until told to stop, or to leave, or until the parent has a successor.

    What is measured goes to the `sinks` and to the parent.
    """
    here = _here(inherited.state_dir)
    leaving = asyncio.Event()

    def leave() -> None:
        leaving.set()
        stop.set()

    async def carry_on() -> None:
        await orphaned.wait()
        log.warning("parent_died worker=%s", worker)
        after = await succeeded(inherited.state_dir, inherited.alone_s)
        log.info("worker_leaves worker=%s succeeded=%s", worker, after)
        if not built.plane.draining:  # else it would count as a second stop, and cut streams
            leave()

    asked, orphaned = asyncio.Event(), asyncio.Event()
    link = HostLink(leave=leave, look=watch.obeying.hint, gone=orphaned.set, flush=asked.set)
    await link.connect(inherited.link)
    flush = flushing(built, (*sinks, link), worker)
    try:
        async with (
            running(built, watch, inherited.sockets, flush=flush) as traffic,
            asyncio.TaskGroup() as tasks,
        ):
            settle()
            log.info("worker_serving worker=%s traffic=%s", worker, ",".join(traffic))
            beside = [
                tasks.create_task(_report(link, built, watch, worker)),
                tasks.create_task(_answer(asked, flush, link)),
                tasks.create_task(carry_on()),
            ]
            await until_drained(built, stop, linger_s=lambda: LINGER_S if leaving.is_set() else 0.0)
            for task in beside:
                task.cancel()
    finally:
        if here is not None:
            os.close(here)
        link.say(_standing(built, watch, worker))
        link.close()


def _here(state_dir: Path) -> int | None:
    """Tells the next parent that workers of the one before still serve."""
    try:
        return hold(state_dir, WORKERS, shared=True)
    except OSError as error:
        log.warning("worker_lock_refused reason=%s", error.strerror)
        return None


async def _answer(asked: asyncio.Event, flush: Flush, link: HostLink) -> None:
    """Says when what was counted at a question is handed over; questions meanwhile are one."""
    while True:
        await asked.wait()
        asked.clear()
        await flush.now()
        link.flushed()


async def _report(link: HostLink, built: DataPlane, watch: Watch, worker: str) -> None:
    link.ready()
    while True:
        link.say(_standing(built, watch, worker))
        snapshot = watch.snapshot
        await watch.reached(0 if snapshot is None else snapshot.version + 1, REPORT_S)


def _standing(built: DataPlane, watch: Watch, worker: str) -> Standing:
    status = watch.status()
    return Standing(
        worker=worker,
        version=status.version,
        age_s=status.age_s,
        reasons=status.reasons,
        breakers=built.plane.breaker.opened(),
        trips=built.plane.breaker.trips,
        active=built.plane.active,
        draining=built.plane.draining,
    )
