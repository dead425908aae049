"""The words of what one worker measured in a while: what crosses the store, and the host's pipe."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from proxy.errors import Invalid
from proxy.exchange import Outcome, Role, UsageState
from proxy.policy import ArmName, Dialect

SCHEMA = 1
MAX_DELTA = 4 * 1024 * 1024  # bytes

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Window(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What one kind of exchanges added: differences, so that windows of all workers add up.

    `arm` is None for traffic of no migration. `epoch` is the document's version at which the
    weight that routed them was set (0 for none). `outcomes` are of the exchanges that count,
    `uncounted` of the others. `with_usage` is how many had tokens; `tokens_squares` is the sum of
    the squares of their input + output, `cost_squares` that of the `priced` ones' USD. Histograms
    are HDR V2 compressed, in microseconds, and empty where nothing was recorded. `keys` is the
    epoch's map of distinct sticky keys (bits; united rather than added), empty where unchanged.
    """

    migration: str
    arm: ArmName | None = None
    dialect: Dialect
    role: Role = Role.PRIMARY
    epoch: _Count = 0
    outcomes: dict[Outcome, _Count] = {}
    uncounted: dict[Outcome, _Count] = {}
    usage_states: dict[UsageState, _Count] = {}
    input: _Count = 0
    cached_input: _Count = 0
    output: _Count = 0
    reasoning: _Count = 0
    with_usage: _Count = 0
    tokens_squares: float = 0.0
    cost_picousd: int = 0
    uncounted_cost_picousd: int = 0
    cost_squares: float = 0.0
    priced: _Count = 0
    unpriced: _Count = 0
    length_stops: _Count = 0
    durations: dict[Outcome, bytes] = {}
    first_token: bytes = b""
    gaps: bytes = b""
    overhead: bytes = b""
    keys: bytes = b""


class Delta(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flush of one worker; (worker, boot, seq) names it, so that a replay is told apart.

    `boot` is drawn afresh at each start of the worker's process, and `seq` counts its flushes
    from 1. `at_ms` is UTC, milliseconds; it places the flush in a quarter of an hour and orders
    nothing.
    """

    schema: int = SCHEMA
    worker: str
    boot: str
    seq: Annotated[int, msgspec.Meta(ge=1)]
    at_ms: _Count
    windows: tuple[Window, ...] = ()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Delta)


def encode(delta: Delta) -> bytes:
    """The delta's bytes (MessagePack, since histograms are binary)."""
    return _encoder.encode(delta)


def decode(data: bytes) -> Delta:
    """The delta. Raises Invalid for what is not one of this schema."""
    if len(data) > MAX_DELTA:
        raise Invalid("a delta is too large")
    try:
        delta = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"a delta cannot be read: {error}") from error
    if delta.schema != SCHEMA:
        raise Invalid(f"a delta has schema {delta.schema}; this crossfade reads {SCHEMA}")
    return delta
