"""Byte splices: what no splice names stays byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Splice: TypeAlias = tuple[int, int, bytes]  # start, end, what stands there instead


def spliced(body: bytes, splices: Iterable[Splice]) -> bytes:
    """`body` with each span replaced; itself when there is none.

    The splices are in ascending order and do not overlap.
    """
    view = memoryview(body)  # one copy in all, in the join
    pieces: list[bytes | memoryview] = []
    at = 0
    for start, end, new in splices:
        pieces += (view[at:start], new)
        at = end
    if not pieces:
        return body
    pieces.append(view[at:])
    return b"".join(pieces)
