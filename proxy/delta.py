"""The words of what one worker measured in a while: what crosses the store, and the host's pipe."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from proxy.errors import Invalid
from proxy.exchange import Outcome, Role, UsageState
from proxy.numbers.keysample import WHOLE_SPACE
from proxy.policy import ArmName, Dialect

SCHEMA = 1
MAX_DELTA = 4 * 1024 * 1024  # bytes

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Sum: TypeAlias = Annotated[float, msgspec.Meta(ge=0, lt=1e30)]
_Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=300)]


class Aside(StrEnum):
    """What a worker counts beside exchanges; each by a key out of a closed set, or by migration."""

    REFUSED = "refused"
    TROUBLE = "trouble"
    KEPT = "kept"
    SPARED = "spared"
    UNREAD = "unread"
    DROPPED = "dropped"


class Weighed(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Of the exchanges that weigh in a verdict: `tokens` of those `with_usage`, costs of `priced`.

    Squares are sums of the squares of single exchanges' tokens (input + output), and of their USD.
    `retried` are failures of a library's further tries: the first one of each weighs, not they.
    """

    with_usage: _Count = 0
    tokens: _Count = 0
    tokens_squares: _Sum = 0.0
    priced: _Count = 0
    cost_picousd: _Count = 0
    cost_squares: _Sum = 0.0
    length_stops: _Count = 0
    retried: _Count = 0


NOTHING = Weighed()


class Window(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What one kind of exchanges added: differences, so that windows of all workers add up.

    `arm` is None for traffic of no migration. `epoch` is the document's version at which the
    weight that routed them was set (0 for none). `outcomes`, tokens and cost are of all exchanges
    that count, `uncounted` of the others; `weighed` leaves out what clients caused. Histograms
    are HDR V2 compressed (`proxy.numbers.hdr`), in microseconds, and empty where nothing was
    recorded. `keys` are new members of the sample of distinct sticky keys (`keysample`), 6 bytes
    each; they are united rather than added, as is `ceiling`, the sample's.
    """

    migration: _Name
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
    cost_picousd: _Count = 0
    priced: _Count = 0
    unpriced: _Count = 0
    uncounted_cost_picousd: _Count = 0
    weighed: Weighed = NOTHING
    durations: dict[Outcome, bytes] = {}
    first_token: bytes = b""
    gaps: bytes = b""
    overhead: bytes = b""
    keys: bytes = b""
    ceiling: _Count = WHOLE_SPACE


class Delta(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One flush of one worker; (worker, boot, seq) names it, so that a replay is told apart.

    `boot` is drawn afresh at each start of the worker's process, and `seq` counts its flushes
    from 1. `at_ms` is UTC, milliseconds; it places the flush in a quarter of an hour and orders
    nothing. `asides` is what was counted beside exchanges.
    """

    schema: int = SCHEMA
    worker: _Name
    boot: _Name
    seq: Annotated[int, msgspec.Meta(ge=1)]
    at_ms: _Count
    windows: tuple[Window, ...] = ()
    asides: dict[Aside, dict[str, _Count]] = {}


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What a delta is known by."""

    worker: _Name
    boot: _Name
    seq: Annotated[int, msgspec.Meta(ge=1)]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Delta)
_namer = msgspec.msgpack.Decoder(Name)


def encode(delta: Delta) -> bytes:
    """The delta's bytes (MessagePack, since histograms are binary)."""
    return _encoder.encode(delta)


def named(data: bytes) -> Name:
    """What a delta is known by, without reading the rest. Raises Invalid."""
    try:
        return _namer.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"a delta cannot be read: {error}") from error


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
