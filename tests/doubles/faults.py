"""A TCP proxy that hurts: latency, slices, resets, limits and slow closes, each way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tests.doubles.raw import RawUpstream
from tests.doubles.wire import Ended, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Every read waits `delay_s` before it goes on."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicer:
    """Every read goes on in pieces of `size` bytes, each its own segment."""

    size: int = 1
    delay_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitData:
    """After `after_bytes` this direction ends with FIN."""

    after_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPeer:
    """After `after_bytes` both sides get RST."""

    after_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClose:
    """The end of this direction is passed on `delay_s` late."""

    delay_s: float


Toxic = Latency | Slicer | LimitData | ResetPeer | SlowClose


class FaultProxy:
    """Stands on 127.0.0.1 before `port`; `down` poisons answers, `up` poisons requests.

    The two lists and `target` may be changed while it runs: each read looks at the lists anew, each
    connection at the target.
    """

    def __init__(self, port: int, *, down: Sequence[Toxic] = (), up: Sequence[Toxic] = ()) -> None:
        self.down = list(down)
        self.up = list(up)
        self.target = port
        self._front = RawUpstream(self._carry)

    @property
    def url(self) -> str:
        """Plain HTTP's scheme, host and port."""
        return self._front.url

    @property
    def port(self) -> int:
        return self._front.port

    async def __aenter__(self) -> Self:
        await self._front.__aenter__()
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        await self._front.__aexit__(kind, error, trace)

    async def _carry(self, client: Wire) -> None:
        loop = asyncio.get_running_loop()
        _, server = await loop.create_connection(Wire, "127.0.0.1", self.target)
        try:
            await asyncio.gather(
                _pump(client, server, self.up),
                _pump(server, client, self.down),
            )
        except (OSError, asyncio.CancelledError):
            server.reset()
            raise
        finally:
            await server.close()


async def _pump(source: Wire, sink: Wire, toxics: list[Toxic]) -> None:
    """Carry one direction to its end; a reset on one side becomes a reset on the other."""
    passed = 0
    while piece := await source.read():
        allowed, resets = _allowance(toxics, passed)
        kept = piece if allowed is None else piece[:allowed]
        passed += len(kept)
        await _deliver(kept, sink, toxics)
        if allowed is not None and allowed <= len(piece):
            if resets:
                raise ConnectionResetError("reset_peer")
            break
    if source.ended is Ended.RST:
        raise ConnectionResetError("the other side")
    await asyncio.sleep(sum(toxic.delay_s for toxic in toxics if isinstance(toxic, SlowClose)))
    sink.half_close()


def _allowance(toxics: list[Toxic], passed: int) -> tuple[int | None, bool]:
    """How many more bytes may pass, and whether a reset follows them."""
    for toxic in toxics:
        if isinstance(toxic, LimitData | ResetPeer):
            return max(0, toxic.after_bytes - passed), isinstance(toxic, ResetPeer)
    return None, False


async def _deliver(piece: bytes, sink: Wire, toxics: list[Toxic]) -> None:
    size, pause_s = max(1, len(piece)), 0.0
    for toxic in toxics:
        if isinstance(toxic, Latency):
            await asyncio.sleep(toxic.delay_s)
        elif isinstance(toxic, Slicer):
            size, pause_s = toxic.size, toxic.delay_s
    for at in range(0, len(piece), size):
        await sink.send(piece[at : at + size])
        await asyncio.sleep(pause_s)
