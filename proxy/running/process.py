"""The life of a process that runs a data plane: it follows the store, serves, drains and ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from proxy.following.watch import Watch
from proxy.recording.flush import Flush
from proxy.recording.pricebook import PriceBook
from proxy.running.build import DataPlane
from proxy.running.memory import keep_freed
from proxy.source import Sink, Source

FIRST_SNAPSHOT_S = 5.0
PRICES_S = 60.0  # prices change by date and time of day

log = logging.getLogger(__name__)


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and by SIGINT, from here on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def worker_name(*, parent: int | None = None) -> str:
    """What this process is called among the workers of a store: HOST:PID or HOST:PARENT:PID."""
    host = os.uname().nodename if parent is None else f"{os.uname().nodename}:{parent}"
    return f"{host}:{os.getpid()}"


def following(built: DataPlane, source: Source, state_dir: Path, worker: str) -> Watch:
    """What leads the plane: the source, the host's latches; it also tells of open breakers."""

    def notes() -> tuple[str, ...]:
        return tuple(f"breaker {name}" for name in built.plane.breaker.opened())

    return Watch(source, built.plane.swap, state_dir=state_dir, worker=worker, notes=notes)


@asynccontextmanager
async def running(
    built: DataPlane,
    watch: Watch,
    listen: Sequence[str | socket.socket],
    *,
    flush: Flush | None = None,
    patience_s: float = FIRST_SNAPSHOT_S,
) -> AsyncIterator[list[str]]:
    """Follow the store and serve; gives the bound addresses. At the end everything is closed.

    It listens once a snapshot serves, or when `patience_s` have passed without one. `flush` runs
    beside, and hands over what is left in the end. What goes wrong comes out as it is: Invalid for
    a bad address, OSError for one that is taken.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(watch.run()), tasks.create_task(keep_fresh(built.prices))]
            if flush is not None:
                beside.append(tasks.create_task(flush.run()))
            try:
                await watch.reached(0, patience_s)
                yield await built.plane.listen(listen)
            finally:
                await built.plane.close()
                for task in beside:
                    task.cancel()
                if flush is not None:
                    await asyncio.wait(beside)
                    await flush.finish()
    except BaseExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise


def flushing(built: DataPlane, sinks: Sequence[Sink], worker: str) -> Flush:
    """What carries the plane's measurements to the sinks, by the name of this start of it."""
    boot = secrets.token_hex(8)
    return Flush(built.recorder, sinks, worker=worker, boot=boot, now=time.time)


def settle() -> None:
    """What is in memory now stays, and some of what is freed: nobody need look for it again."""
    keep_freed()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


async def until_drained(
    built: DataPlane, stop: asyncio.Event, *, linger_s: Callable[[], float] = lambda: 0.0
) -> None:
    """Serve until `stop` is set, then let streams finish; a second stop ends the patience.

    `linger_s` is asked when `stop` is set: so long those who are connected may still ask.
    """
    await stop.wait()
    plane = built.plane
    log.info("draining streams=%d", plane.active)
    stop.clear()
    limit_s = built.limits.drain_timeout
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(plane.drain(limit_s, linger_s=linger_s()))
        hurry = tasks.create_task(stop.wait())
        draining.add_done_callback(lambda _: hurry.cancel())
        hurry.add_done_callback(lambda _: draining.cancel())
    if draining.cancelled():
        await plane.drain(0)
    log.info("drained streams=%d", plane.active)


async def keep_fresh(prices: PriceBook, every_s: float = PRICES_S) -> None:
    """Refresh the prices again and again until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        prices.refresh(datetime.now(UTC))
