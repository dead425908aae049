"""A worker of a host's parent process: it serves on the parent's sockets and reports to it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
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
    told = _Told(stop)
    link = HostLink(
        leave=told.leave, look=watch.obeying.hint, gone=told.orphaned.set, flush=told.asked.set
    )
    await link.connect(inherited.link)
    flush = flushing(built, (*sinks, link), worker)
    seat = _Seat(inherited, built, watch, worker, told, link, flush)
    try:
        await seat.serve()
    finally:
        if here is not None:
            os.close(here)
        link.say(seat.standing())
        link.close()


def _here(state_dir: Path) -> int | None:
    """Tells the next parent that workers of the one before still serve."""
    try:
        return hold(state_dir, WORKERS, shared=True)
    except OSError as error:
        log.warning("worker_lock_refused reason=%s", error.strerror)
        return None


class _Told:
    """What the parent asks for, and that it has died."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop
        self.leaving = asyncio.Event()
        self.asked = asyncio.Event()
        self.orphaned = asyncio.Event()

    def leave(self) -> None:
        self.leaving.set()
        self.stop.set()

    def linger_s(self) -> float:
        return LINGER_S if self.leaving.is_set() else 0.0


@dataclass(frozen=True, slots=True)
class _Seat:
    """The worker in its place beside its parent."""

    inherited: Inherited
    built: DataPlane
    watch: Watch
    worker: str
    told: _Told
    link: HostLink
    flush: Flush

    async def serve(self) -> None:
        """Returns once everything is drained."""
        async with (
            running(self.built, self.watch, self.inherited.sockets, flush=self.flush) as traffic,
            asyncio.TaskGroup() as tasks,
        ):
            settle()
            log.info("worker_serving worker=%s traffic=%s", self.worker, ",".join(traffic))
            beside = [
                tasks.create_task(each)
                for each in (self._report(), self._answer(), self._carry_on())
            ]
            await until_drained(self.built, self.told.stop, linger_s=self.told.linger_s)
            for task in beside:
                task.cancel()

    def standing(self) -> Standing:
        status = self.watch.status()
        return Standing(
            worker=self.worker,
            version=status.version,
            age_s=status.age_s,
            reasons=status.reasons,
            breakers=self.built.plane.breaker.opened(),
            trips=self.built.plane.breaker.trips,
            active=self.built.plane.active,
            draining=self.built.plane.draining,
        )

    async def _report(self) -> None:
        self.link.ready()
        while True:
            self.link.say(self.standing())
            snapshot = self.watch.snapshot
            await self.watch.reached(0 if snapshot is None else snapshot.version + 1, REPORT_S)

    async def _answer(self) -> None:
        """Says when what was counted at a question is handed over; questions meanwhile are one."""
        while True:
            await self.told.asked.wait()
            self.told.asked.clear()
            await self.flush.now()
            self.link.flushed()

    async def _carry_on(self) -> None:
        """Leaves once the parent has died and has a successor, or has had none for too long."""
        await self.told.orphaned.wait()
        log.warning("parent_died worker=%s", self.worker)
        after = await succeeded(self.inherited.state_dir, self.inherited.alone_s)
        log.info("worker_leaves worker=%s succeeded=%s", self.worker, after)
        if not self.built.plane.draining:  # else it would count as a second stop, and cut streams
            self.told.leave()
