"""A worker as production builds it, a clock that only its test moves, a ledger: Bench."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from proxy.carrying import clock
from proxy.carrying.clients import Clients
from proxy.carrying.wheel import GRAIN_US
from proxy.carrying.worker import Worker
from proxy.exchange import Exchange, Role
from proxy.numbers.prices import Price, override
from proxy.policy import ArmName, Dialect, Limits, Route, Secret, Snapshot, Upstream
from proxy.recording.pricebook import PriceBook
from proxy.recording.record import Recorder, Tally

NOW = datetime(2026, 9, 21, tzinfo=UTC)
VERSION = 7  # of the snapshot that a worker starts with


class Clock(clock.Clock):
    """Microseconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 10**12

    def __call__(self) -> int:
        return self.now


class Ledger(Recorder):
    """A recorder that also keeps every exchange whole, in order; `recorded` gets each one."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[Exchange] = []
        self.recorded: asyncio.Queue[Exchange] = asyncio.Queue()

    def tally(
        self,
        migration: str,
        arm: ArmName | None,
        dialect: Dialect,
        role: Role = Role.PRIMARY,
        epoch: int = 0,
    ) -> Tally:
        key = (migration, arm, dialect, role, epoch)
        if key not in self._tallies:
            self._tallies[key] = _Noting(key, self)
        return super().tally(migration, arm, dialect, role, epoch)


class _Noting(Tally):
    def __init__(self, key: tuple[str, ArmName | None, Dialect, Role, int], ledger: Ledger) -> None:
        super().__init__(*key)
        self._ledger = ledger

    def add(self, exchange: Exchange) -> None:
        super().add(exchange)
        self._ledger.exchanges.append(exchange)
        self._ledger.recorded.put_nowait(exchange)


class Bench:
    """A worker and what it was built of."""

    def __init__(
        self,
        *upstreams: Upstream,
        routes: tuple[Route, ...] = (),
        limits: Limits | None = None,
        tokens: tuple[str, ...] | None = None,
    ) -> None:
        self.clock = Clock()
        self.ledger = Ledger()
        self.worker = Worker(
            upstreams=upstreams,
            limits=limits or Limits(),
            clients=Clients(None if tokens is None else tuple(map(Secret, tokens))),
            recorder=self.ledger,
            prices=PriceBook(_prices(upstreams), upstreams, NOW),
            clock=self.clock,
        )
        self.worker.swap(Snapshot(epoch=1, version=VERSION, routes=routes))

    @property
    def exchanges(self) -> list[Exchange]:
        return self.ledger.exchanges

    @property
    def idle(self) -> int:
        """Upstream connections that stand ready."""
        return sum(len(pool._idle) for pool in self.worker._pools.values())

    def advance(self, seconds: float) -> None:
        """Let so much time pass, and a little more than a deadline may be noticed late."""
        self.clock.now += int(seconds * 1e6) + 2 * GRAIN_US
        self.worker.wheel.turn(self.clock.now)

    def check_nothing_is_left(self) -> None:
        """Every count is back at zero: whatever was begun has ended exactly once."""
        worker = self.worker
        assert (worker.active, worker.buffered) == (0, 0)
        assert [pool.busy for pool in worker._pools.values() if pool.busy] == []
        assert worker.connections() == ()
        assert len({exchange.id for exchange in self.exchanges}) == len(self.exchanges)


def upstream(name: str = "openai", **changes: object) -> Upstream:
    """An upstream of dialect openai; `changes` replace its members."""
    plain = Upstream(name=name, dialect=Dialect.OPENAI, host="127.0.0.1", port=9)
    return msgspec.structs.replace(plain, **changes)


def _prices(upstreams: tuple[Upstream, ...]) -> Mapping[tuple[str, str], Price]:
    """A price for the usual models, so that no test searches the table."""
    price = override(input="1", output="2")
    models = ("gpt-4o", "gpt-4o-mini", "a-model", "claude", "gemini", "llama")
    return {(upstream.name, model): price for upstream in upstreams for model in models}
