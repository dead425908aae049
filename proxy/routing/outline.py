"""Where a body's one long member stands, so that searches for short words can leave it out.

A search through 100 KB of messages costs twice what decoding them does, and there are several.
Decoding has a price too, so that long bodies are decoded once (docs/adr/0038).
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import msgspec

from proxy.routing import jsonscan
from proxy.routing.wanted import Wanted, decode_list, decode_messages

LONG: Final = 8 * 1024  # bytes of a body from which on a second pass costs more than an error does

# What stands beside a body's long member; from where on it stood further on there, by how much.
Beside: TypeAlias = tuple[bytes, int, int]

_EARLY: Final = 16 * 1024  # bytes in which the name of plain messages is looked for
_MESSAGES: Final = b'"messages"'
_TO_VALUE: Final = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")
_BEHIND: Final = re.compile(r"JSON is malformed: trailing characters \(byte (\d+)\)")
_SPACE: Final = 32
_QUOTE: Final = 34
_COLON: Final = 58
_OPEN: Final = 91


def beside_messages(body: bytes) -> Beside | None:
    """What stands beside a body's messages, where these are plain; None where that is not known.

    One pass reads them, tells that they are plain, and finds their end. `[]` stands in their
    place, so that the body is valid JSON where the rest is.
    """
    after = body.find(_MESSAGES, 0, _EARLY) + len(_MESSAGES)
    if after < len(_MESSAGES) or after + 2 >= len(body):
        return None
    start = _start(body, after)
    if start < 0 or not body.startswith(b"[", start):
        return None
    end = body.rfind(b"]", start, _behind_plain(body, start)) + 1
    if end == 0:
        return None
    return body[:start] + b"[]" + body[end:], start + 2, end - start - 2


def _behind_plain(body: bytes, start: int) -> int:
    """Where the comma or the brace stands that follows the plain messages which begin at `start`.

    `start` where they are not plain. msgspec says where a value ends by refusing what comes after.
    """
    try:
        decode_messages(memoryview(body)[start:])
    except msgspec.ValidationError:  # quotes names out of the body, which may say anything
        return start
    except msgspec.DecodeError as error:
        found = _BEHIND.fullmatch(str(error))
        behind = start if found is None else start + int(found[1]) - 1
        return behind if body[behind] in b",}" else start
    except (RecursionError, UnicodeDecodeError):
        return start
    return start


def without(body: bytes, wanted: Wanted) -> Beside:
    """The body with a NUL for its long member's value; where that is, and how much shorter it is.

    What is left holds every name of the top level, and no other NUL, which is no JSON. It is the
    body itself where that member does not stand where its name does first.
    """
    if wanted.messages:
        return _cut(body, _MESSAGES, wanted.messages)
    if wanted.contents:
        return _cut(body, b'"contents"', wanted.contents)
    if wanted.input:
        return _cut(body, b'"input"', wanted.input)
    return body, len(body), 0


def _cut(body: bytes, name: bytes, value: msgspec.Raw) -> Beside:
    # A name in quotes with a colon behind it is a name of some object, since a quote inside a
    # string is escaped; and what follows is then one whole value, which holds no other's name.
    after = body.find(name) + len(name)
    start = _start(body, after) if after >= len(name) else -1
    if start >= 0 and body.startswith(value, start):
        return b"%b\0%b" % (body[:start], body[start + len(value) :]), start, len(value) - 1
    return body, len(body), 0


def nests_deep(body: bytes, wanted: Wanted, beside: Beside) -> bool:
    """Whether what was cut out of a body, or what is left of it, nests deep by itself."""
    rest, cut, shorter = beside
    if jsonscan.nests_deep(rest):
        return True
    if shorter == 0 or body[cut] == _QUOTE:
        return False
    value = wanted.messages or wanted.contents or wanted.input
    if body[cut] == _OPEN:  # most of its brackets stand in texts; each element has but a few
        return any(map(jsonscan.nests_deep, map(bytes, decode_list(value))))
    return jsonscan.nests_deep(bytes(value))


def _start(body: bytes, after: int) -> int:
    """Where the value of a name that ends at `after` begins; -1 where no colon follows it."""
    if body[after] == _COLON and body[after + 1] == _OPEN:
        return after + 1
    if body[after] == _COLON and body[after + 1] == _SPACE and body[after + 2] == _OPEN:
        return after + 2
    colon = _TO_VALUE.match(body, after)
    return -1 if colon is None else colon.end()


def is_plain(messages: bytes | msgspec.Raw) -> bool:
    """Whether every message is made of texts, images and calls of tools, and of nothing else.

    Such messages nest at most ten levels deep and name nothing that a provider keeps.
    """
    try:
        decode_messages(messages)
    except msgspec.DecodeError:
        return False
    return True
