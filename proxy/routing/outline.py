"""Where a body's one long member stands, so that searches for short words can leave it out.

A search through 100 KB of messages costs twice what decoding them does, and there are several.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from proxy.routing.wanted import Wanted, decode_messages

_TO_VALUE: Final = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")
_SPACE: Final = 32
_COLON: Final = 58
_OPEN: Final = 91


def without(body: bytes, wanted: Wanted) -> tuple[bytes, int, int]:
    """The body with a NUL for its long member's value; where that is, and how much shorter it is.

    What is left holds every name of the top level, and no other NUL, which is no JSON. It is the
    body itself where that member does not stand where its name does first.
    """
    if wanted.messages:
        return _cut(body, b'"messages"', bytes(wanted.messages))
    if wanted.contents:
        return _cut(body, b'"contents"', bytes(wanted.contents))
    if wanted.input:
        return _cut(body, b'"input"', bytes(wanted.input))
    return body, len(body), 0


def _cut(body: bytes, name: bytes, value: bytes) -> tuple[bytes, int, int]:
    # A name in quotes with a colon behind it is a name of some object, since a quote inside a
    # string is escaped; and what follows is then one whole value, which holds no other's name.
    after = body.find(name) + len(name)
    start = _start(body, after) if after >= len(name) else -1
    if start >= 0 and body.startswith(value, start):
        return b"%b\0%b" % (body[:start], body[start + len(value) :]), start, len(value) - 1
    return body, len(body), 0


def _start(body: bytes, after: int) -> int:
    """Where the value of a name that ends at `after` begins; -1 where no colon follows it."""
    if body[after] == _COLON and body[after + 1] == _OPEN:
        return after + 1
    if body[after] == _COLON and body[after + 1] == _SPACE and body[after + 2] == _OPEN:
        return after + 2
    colon = _TO_VALUE.match(body, after)
    return -1 if colon is None else colon.end()


def is_plain(messages: msgspec.Raw) -> bool:
    """Whether every message is made of texts, images and calls of tools, and of nothing else.

    Such messages nest five levels deep and name nothing that a provider keeps.
    """
    try:
        decode_messages(messages)
    except msgspec.DecodeError:
        return False
    return True
