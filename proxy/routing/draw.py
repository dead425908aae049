"""Which arm a key draws: a keyed hash in basis points, nothing stored and nothing random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final, TypeAlias

from proxy.policy import WHOLE, ArmName, Route

Header: TypeAlias = tuple[bytes, bytes, bytes]  # lower-case name, value, name as sent
TextAt: TypeAlias = Callable[[str], str | None]

# Where a sticky key may stand: header names, tried in order, or a body member's dotted name.
Source: TypeAlias = tuple[bytes, ...] | str

_BASELINE: Final = ArmName.BASELINE
_CANDIDATE: Final = ArmName.CANDIDATE
_CREDENTIALS: Final = (b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key")


class Lot:
    """A route's draws, made ready. `fixed` is the arm where no key could change it."""

    __slots__ = ("_below", "_keyed", "fixed", "sources")

    def __init__(self, route: Route) -> None:
        share = route.split.share
        self.sources: Final = tuple(_source(spelt) for spelt in route.sticky)
        self.fixed: Final = _fixed(share)
        self._keyed: Final = blake2b(key=bytes.fromhex(route.salt), digest_size=8)
        # `point * WHOLE >> 64 < share`, solved for the point: 64 bits scaled down to the whole, so
        # that no basis point is likelier than another by over 2**-50.
        self._below: Final = -(-(share << 64) // WHOLE)

    def point(self, key: bytes) -> int:
        """The key's point out of 2**64."""
        draw = self._keyed.copy()
        draw.update(key)
        return int.from_bytes(draw.digest(), "big")

    def arm(self, point: int) -> ArmName:
        """The arm that a point falls to."""
        return _CANDIDATE if point < self._below else _BASELINE


class Keys:
    """Where the key of requests with certain headers may stand.

    `names` are those of body members, to be tried in turn; then it is `value`, a header's.
    """

    __slots__ = ("names", "value")

    def __init__(self, names: tuple[str, ...], value: bytes | None) -> None:
        self.names = names
        self.value = value


def choose(route: Route, key: bytes) -> ArmName:
    """The arm of a key: the same on every replica for ever, and monotone in the share."""
    ready = Lot(route)
    return ready.arm(ready.point(key))


def sticky_key(route: Route, headers: Sequence[Header], text_at: TextAt) -> bytes | None:
    """The first key that is present in the route's order; an empty one counts as absent."""
    return first_key(keys_left(Lot(route).sources, headers), text_at)


def first_key(keys: Keys, text_at: TextAt) -> bytes | None:
    """The first that is present."""
    for name in keys.names:
        text = text_at(name)
        if text:
            return text.encode("utf-8", "surrogatepass")
    return keys.value


def keys_left(sources: Sequence[Source], headers: Sequence[Header]) -> Keys:
    """What is left to be tried where the headers are known: they end it, or say nothing."""
    names: list[str] = []
    for source in sources:
        if isinstance(source, str):
            names.append(source)
        elif value := _sent(source, headers):
            return Keys(tuple(names), value)
    return Keys(tuple(names), None)


def _sent(wanted: Sequence[bytes], headers: Sequence[Header]) -> bytes | None:
    for name in wanted:
        for lower, value, _ in headers:
            if lower == name and value:
                return value
    return None


def _fixed(share: int) -> ArmName | None:
    if share == 0:
        return _BASELINE
    return _CANDIDATE if share == WHOLE else None


def _source(spelt: str) -> Source:
    if spelt == "credential":
        return _CREDENTIALS
    kind, _, name = spelt.partition(":")
    return (name.lower().encode("utf-8", "surrogatepass"),) if kind == "header" else name
