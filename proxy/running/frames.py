"""The words between a host's parent process and its workers: frames on a socket that both hold."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from proxy.delta import MAX_DELTA
from proxy.errors import Invalid

MAX_FRAME = MAX_DELTA
_HEADER = 5  # one byte of kind, four of length


class Kind(IntEnum):
    """What a frame is. A kind from a later release is passed over."""

    READY = 1  # worker: it listens and serves
    STANDING = 2  # worker: a Standing
    DELTA = 3  # worker: one flush, as `proxy.delta` encodes it
    LEAVE = 4  # parent: another worker has taken over; end without hurrying anybody
    LOOK = 5  # parent: the host's latches have changed
    FLUSH = 6  # parent: hand over what was counted until now, and say when
    FLUSHED = 7  # worker: the store has it


_KNOWN = frozenset(Kind)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker stands. `breakers` are the candidates that it spares, `trips` how often."""

    worker: str
    version: int | None = None
    age_s: float | None = None
    reasons: tuple[str, ...] = ()
    breakers: tuple[str, ...] = ()
    trips: dict[str, int] = {}
    active: int = 0
    draining: bool = False


def frame(kind: Kind, payload: bytes = b"") -> bytes:
    """One frame's bytes."""
    return bytes((kind,)) + len(payload).to_bytes(4) + payload


def standing(payload: bytes) -> Standing:
    """The standing in a frame. Raises Invalid for what is none."""
    try:
        return msgspec.json.decode(payload, type=Standing)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"a worker's standing cannot be read: {error}") from error


class Frames:
    """Frames out of a stream that is cut anywhere."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[Kind, bytes]]:
        """The frames that are whole now. Raises Invalid where one is too long."""
        self._held += data
        found: list[tuple[Kind, bytes]] = []
        while len(self._held) >= _HEADER:
            length = int.from_bytes(self._held[1:_HEADER])
            if length > MAX_FRAME:
                raise Invalid(f"a frame is longer than {MAX_FRAME} bytes")
            if len(self._held) < _HEADER + length:
                break
            kind, payload = self._held[0], bytes(self._held[_HEADER : _HEADER + length])
            del self._held[: _HEADER + length]
            if kind in _KNOWN:
                found.append((Kind(kind), payload))
        return found
