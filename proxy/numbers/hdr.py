"""HDR histograms on the wire: the standard V2 compressed form, from and to the few slots in use.

Layout: HdrHistogram's AbstractHistogram.java, encodeIntoCompressedByteBuffer. A second's worth of
one arm fills some twenty of 3,328 slots, so both directions touch those alone.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence

from proxy.errors import Invalid
from proxy.numbers.histogram import HIGHEST_US, LOWEST_US, SIGNIFICANT_DIGITS, Histogram

SLOTS = 3_328  # of HDR's layout for an hour of microseconds at 2 significant digits

_OUTER = struct.Struct(">II")
_INNER = struct.Struct(">IIiiqqd")
_COMPRESSED = 0x1C849314
_PLAIN = 0x1C849313
_LARGEST = 9 * SLOTS + _INNER.size  # no count takes more than nine bytes
_MOST_BITS = 63
_BLOCK = 128  # slots that are compared at once
_SETTINGS = (0, SIGNIFICANT_DIGITS, LOWEST_US, HIGHEST_US, 1.0)


def added(counts: array[int], before: array[int]) -> list[tuple[int, int]]:
    """The slots, in order, that grew since `before` was copied from `counts`, and by how much."""
    found: list[tuple[int, int]] = []
    known = len(before)
    for start in range(0, len(counts), _BLOCK):
        block = counts[start : start + _BLOCK]
        old = before[start : start + _BLOCK] if start < known else array("Q", bytes(8 * len(block)))
        if block != old:
            pairs = enumerate(zip(block, old, strict=True), start)
            found += [(slot, now - was) for slot, (now, was) in pairs if now != was]
    return found


def encode(slots: Iterable[tuple[int, int]]) -> bytes:
    """The bytes of these (slot, count), in the order of slots; of none, no bytes at all."""
    counts = bytearray()
    free = 0
    for slot, count in slots:
        if slot > free:
            _write(counts, 2 * (slot - free) - 1)  # zigzag: a negative number is a run of zeros
        _write(counts, 2 * count)
        free = slot + 1
    if not free:
        return b""
    packed = zlib.compress(_INNER.pack(_PLAIN, len(counts), *_SETTINGS) + counts)
    return _OUTER.pack(_COMPRESSED, len(packed)) + packed


def decode(data: bytes) -> list[tuple[int, int]]:
    """The (slot, count) in the order of slots. Raises Invalid for anything else."""
    if not data:
        return []
    try:
        cookie, length = _OUTER.unpack_from(data)
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(data[_OUTER.size :], _LARGEST)
        inner, size, *settings = _INNER.unpack_from(plain)
    except (struct.error, zlib.error) as error:
        raise Invalid("a histogram cannot be read") from error
    whole = unpacker.eof and not unpacker.unused_data and length == len(data) - _OUTER.size
    if (cookie, inner) != (_COMPRESSED, _PLAIN) or tuple(settings) != _SETTINGS or not whole:
        raise Invalid("a histogram is of another form")
    if size != len(plain) - _INNER.size:
        raise Invalid("a histogram is cut off")
    return _slots(plain[_INNER.size :])


def filled(histogram: Histogram) -> list[tuple[int, int]]:
    """The slots of a whole histogram that anything was recorded in."""
    return added(histogram.counts, array("Q"))


def _write(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _slots(data: Sequence[int]) -> list[tuple[int, int]]:
    """ZigZag LEB128 numbers: counts, and negative ones for runs of empty slots."""
    found: list[tuple[int, int]] = []
    slot = number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80 and shift < _MOST_BITS:
            shift += 7
            continue
        if number & 1:
            slot += (number + 1) >> 1
        else:
            if number:
                found.append((slot, number >> 1))
            slot += 1
        number = shift = 0
    if shift or slot > SLOTS or any(count >> _MOST_BITS - 1 for _, count in found):
        raise Invalid("a histogram's counts are out of range")
    return found
