"""What all exchanges of one worker share: limits, clock, deadlines, pools, counts, the routing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from operator import attrgetter
from typing import Final, Protocol

from proxy.carrying.bounds import Bounds
from proxy.carrying.clients import Clients
from proxy.carrying.clock import Clock
from proxy.carrying.pool import Pool
from proxy.carrying.resolve import Resolver
from proxy.carrying.wheel import Wheel
from proxy.errors import BODY_TOO_LARGE, NOT_READY, OVERLOADED, UNAUTHORIZED, Refused
from proxy.exchange_id import PAIRS
from proxy.http.head import RequestHead
from proxy.http.heads import Heads
from proxy.policy import ArmName, Limits, Snapshot, Upstream
from proxy.recording.pricebook import PriceBook
from proxy.recording.record import Recorder
from proxy.routing.aim import UNMATCHED, Aim
from proxy.routing.breaker import Breaker
from proxy.routing.destination import Destination
from proxy.routing.lane import PoolKey
from proxy.routing.routing import Routing


class Member(Protocol):
    """A client's connection, as far as the worker minds it."""

    def drain(self) -> None: ...
    def end_drain(self) -> None: ...
    def abort(self) -> None: ...


FEW: Final = 16  # clients that may be idle however few streams there may be


class Worker:
    """Built once; only `routing`, the counts and the pools change."""

    def __init__(
        self,
        *,
        upstreams: tuple[Upstream, ...],
        limits: Limits,
        clients: Clients,
        recorder: Recorder,
        prices: PriceBook,
        clock: Clock,
    ) -> None:
        self.limits = limits
        self.bounds = Bounds(limits)
        self.clients = clients
        self.recorder = recorder
        self.prices = prices
        self.clock = clock
        self.wheel = Wheel(clock())
        self.heads = Heads()
        self.routing: Routing | None = None
        self.active = 0  # exchanges under way
        self.buffered = 0  # bytes of request bodies held whole
        self.draining = False  # what is answered from now on is a connection's last
        self.ending = False  # nothing is served after the exchanges that run
        self.breaker = Breaker()
        self._identity = secrets.token_hex(5).encode()  # so that ids differ between starts, hosts
        self._requests = 0
        self._stem = self._next_stem()  # of ids: all but the last two digits
        self._members: set[Member] = set()
        self._empty = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pools: dict[PoolKey, Pool] = {}
        self._resolver = Resolver(clock)
        self._destinations = {
            upstream.name: Destination(upstream, clients_have_tokens=clients.have_tokens)
            for upstream in upstreams
        }

    def swap(self, snapshot: Snapshot) -> None:
        """Route by `snapshot` from the next request on. Raises Invalid and keeps the old one."""
        self.routing = Routing(snapshot, self._destinations, self.breaker)
        self.breaker.follow(snapshot)
        self.heads = Heads()  # those that were met remember what the old routing made of them

    def admit(self, head: RequestHead) -> Routing:
        """The routing that a request goes by. Raises Refused where none may be served."""
        if not self.clients.admit(head):
            raise Refused(UNAUTHORIZED)
        if self.routing is None:
            raise Refused(NOT_READY)
        if self.active >= self.bounds.max_streams:
            raise Refused(OVERLOADED)
        if head.length > self.bounds.max_body:
            raise Refused(BODY_TOO_LARGE)
        return self.routing

    def join(self, member: Member) -> bool:
        """A client has connected; False where there is no room for it."""
        self._members.add(member)
        most = self.limits.max_streams
        return len(self._members) <= most + max(FEW, most // 2)  # see descriptors.A_STREAM

    def leave(self, member: Member) -> None:
        """A client's connection is closed."""
        self._members.discard(member)
        if not self._members:
            self._empty.set()

    def connections(self) -> tuple[Member, ...]:
        return tuple(self._members)

    async def all_left(self, timeout_s: float) -> bool:
        """Wait until no client is connected; False when that takes longer."""
        self._empty.clear()
        if not self._members:
            return True
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def unique(self) -> bytes:
        """20 hex digits that no other exchange has, across workers and restarts."""
        self._requests += 1
        last = self._requests & 0xFF
        if last == 0:
            self._stem = self._next_stem()
        return self._stem + PAIRS[last]

    def pool(self, aim: Aim) -> Pool:
        """The pool that an aim's requests use: one for each migration, arm and upstream."""
        choice = aim.choice
        key = (UNMATCHED, None, aim.destination.name) if choice is None else choice.lane.pool_key
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self._new_pool(aim.destination, key[1])
        return pool

    def make_room(self) -> None:
        """Close idle upstream connections until one more fits beside those in use."""
        idle = sum(pool.idle for pool in self._pools.values())
        for _ in range(self.active + idle - self.limits.max_streams):
            fullest = max(self._pools.values(), key=attrgetter("idle"), default=None)
            if fullest is not None:
                fullest.close_oldest()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run something that really waits; it is cancelled when the worker closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self) -> None:
        """Close idle upstream connections and cancel what still waits."""
        for task in tuple(self._tasks):
            task.cancel()
        for pool in self._pools.values():
            pool.close()

    def _next_stem(self) -> bytes:
        return b"%b%08x" % (self._identity, self._requests >> 8)

    def _new_pool(self, destination: Destination, name: ArmName | None) -> Pool:
        # A hanging candidate may fill half of the worker at the most, never the baseline's room.
        whole = self.limits.max_streams
        return Pool(
            destination,
            most=max(1, whole // 2) if name is ArmName.CANDIDATE else whole,
            limits=self.limits,
            resolver=self._resolver,
            wheel=self.wheel,
            clock=self.clock,
        )
