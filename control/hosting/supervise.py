"""The parent of a host's workers: so many processes on one set of sockets, kept alive together."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from control.hosting.child import Child
from control.hosting.seat import Seat
from proxy.running.frames import Standing

FIRST_S = 15.0  # so long a start waits for every worker to serve
AGAIN_S = 0.2
OVERTIME_S = 10.0  # after the time to drain, before a worker is killed

log = logging.getLogger(__name__)


class Supervisor:
    """Keeps `count` workers alive, replaces them one by one, and ends them together.

    `drain_s` is what the workers themselves give running streams.
    """

    def __init__(self, seats: Sequence[Seat], *, drain_s: float) -> None:
        self.draining = False
        self._seats = seats
        self._drain_s = drain_s
        self._restarting = asyncio.Lock()

    @property
    def ready(self) -> int:
        """How many workers serve."""
        return sum(seat.ready for seat in self._seats)

    @property
    def restarts(self) -> int:
        """How many processes have died since the start."""
        return sum(seat.restarts for seat in self._seats)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is wrong with the workers; nothing while all of them serve."""
        missing = len(self._seats) - self.ready
        return (f"{missing} of {len(self._seats)} workers do not serve",) if missing else ()

    def standings(self) -> tuple[Standing, ...]:
        """What every process said last, those that are leaving too."""
        return tuple(one.standing for one in self._children() if one.standing is not None)

    def look(self) -> None:
        """The host's latches have changed: every worker looks now."""
        for child in self._children():
            child.look()

    async def flush(self) -> None:
        """Returns when what every serving worker has counted is in the store."""
        children = [child for child in self._children() if child.ready.is_set()]
        await asyncio.gather(*(child.flush() for child in children))

    async def started(self, patience_s: float = FIRST_S) -> bool:
        """Waits until every worker serves; False where some take longer."""
        try:
            async with asyncio.timeout(patience_s):
                while self.ready < len(self._seats):  # noqa: ASYNC110 - a process may be replaced
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True

    async def restart(self) -> bool:
        """Replaces worker after worker, each once the next one serves; False if that stopped.

        It stops at the first replacement that does not get ready: what serves goes on.
        """
        if self._restarting.locked() or self.draining:
            log.warning("rolling_restart_refused reason=one is under way, or all is ending")
            return False
        async with self._restarting:
            log.info("rolling_restart workers=%d", len(self._seats))
            for number, seat in enumerate(self._seats, 1):
                if not await seat.replace():
                    log.error("rolling_restart_stopped at=%d workers=%d", number, len(self._seats))
                    return False
            log.info("rolling_restarted workers=%d", len(self._seats))
            return True

    async def drain(self, hurry: asyncio.Event) -> None:
        """Ends every worker once its streams have ended; sooner where `hurry` is set."""
        self.draining = True
        for seat in self._seats:
            seat.close()
        log.info("draining workers=%d", len(self._children()))
        for child in self._children():
            child.end()
        hurrying = asyncio.ensure_future(self._hurry(hurry))
        try:
            async with asyncio.timeout(self._drain_s + OVERTIME_S):
                await self._ended()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._ended()
        finally:
            hurrying.cancel()
        log.info("drained workers=%d", len(self._children()))

    async def _hurry(self, hurry: asyncio.Event) -> None:
        await hurry.wait()
        while True:
            self._signal(signal.SIGTERM)  # their second one, unless it merged with the first
            await asyncio.sleep(AGAIN_S)

    async def _ended(self) -> None:
        while children := self._children():
            await asyncio.gather(*(child.ended() for child in children))
            await asyncio.sleep(0)  # whoever minds it has to hear of it too

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children():
            child.signal(number)

    def _children(self) -> tuple[Child, ...]:
        return tuple(child for seat in self._seats for child in seat.children)


@asynccontextmanager
async def supervising(
    count: int,
    settings: bytes,
    sockets: Sequence[socket.socket],
    *,
    drain_s: float,
    on_delta: Callable[[bytes], None],
) -> AsyncIterator[Supervisor]:
    """So many workers by `settings` on these sockets; at the end none of them runs.

    The sockets are closed when the workers drain.
    """

    async def spawn() -> Child:
        child = Child(on_delta)
        await child.start(settings, sockets)
        return child

    async with asyncio.TaskGroup() as tasks:
        seats = [Seat(spawn, time.monotonic, tasks) for _ in range(count)]
        made = Supervisor(seats, drain_s=drain_s)
        keeping = [tasks.create_task(seat.keep()) for seat in seats]
        try:
            yield made
        finally:
            for seat in seats:
                seat.close()
            for child in [child for seat in seats for child in seat.children]:
                child.signal(signal.SIGKILL)
            for task in keeping:
                task.cancel()
