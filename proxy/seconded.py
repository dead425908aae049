"""A worker of a host's parent process: it serves on the parent's sockets and reports to it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from typing import NamedTuple

from proxy.build import DataPlane
from proxy.errors import Invalid
from proxy.flush import Flush
from proxy.frames import Standing
from proxy.hostlink import HostLink
from proxy.process import flushing, running, settle, until_drained
from proxy.source import Sink
from proxy.watch import Watch

REPORT_S = 0.5
LINGER_S = 5.0  # how long a worker that is replaced goes on answering who is connected

log = logging.getLogger(__name__)


class Inherited(NamedTuple):
    """What the parent process handed over: its pid, the link to it, the sockets to listen on."""

    parent: int
    link: int
    sockets: tuple[socket.socket, ...]


def inherit(link: int, listen: str, parent: int) -> Inherited:
    """What the command line names by number. Raises Invalid, or OSError for what is no socket."""
    if not all(part.isdigit() for part in listen.split(",")):
        raise Invalid("--listen-fds is a list of descriptors: 5,6")
    sockets = tuple(socket.socket(fileno=int(part)) for part in listen.split(","))
    for one in sockets:
        os.set_inheritable(one.fileno(), False)
    return Inherited(parent, link, sockets)


async def seconded(
    inherited: Inherited,
    built: DataPlane,
    watch: Watch,
    stop: asyncio.Event,
    sinks: Sequence[Sink],
    worker: str,
) -> None:
    """Serve and report until told to stop, or to leave, or until the parent has ended.

    What is measured goes to the `sinks` and to the parent.
    """
    leaving = asyncio.Event()

    def leave() -> None:
        leaving.set()
        stop.set()

    def gone() -> None:
        leaving.set()
        if not built.plane.draining:  # else it would count as a second stop, and cut streams
            stop.set()

    asked = asyncio.Event()
    link = HostLink(leave=leave, look=watch.obeying.hint, gone=gone, flush=asked.set)
    await link.connect(inherited.link)
    flush = flushing(built, (*sinks, link), worker)
    try:
        async with (
            running(built, watch, inherited.sockets, flush=flush) as traffic,
            asyncio.TaskGroup() as tasks,
        ):
            settle()
            log.info("worker_serving worker=%s traffic=%s", worker, ",".join(traffic))
            reporting = tasks.create_task(_report(link, built, watch, worker))
            answering = tasks.create_task(_answer(asked, flush, link))
            await until_drained(built, stop, linger_s=lambda: LINGER_S if leaving.is_set() else 0.0)
            reporting.cancel()
            answering.cancel()
    finally:
        link.say(_standing(built, watch, worker))
        link.close()


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
