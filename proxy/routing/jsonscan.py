"""Strict JSON objects as bytes: whether a body is one, and where its top-level members stand.

msgspec is the grammar: it checks what it skips too. It leaves two things to this file: UTF-8 inside
skipped strings, and a depth that does not hang on how much stack happens to be left.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final, NamedTuple

import msgspec

from proxy.errors import UNREADABLE_BODY, Refused

MAX_DEPTH: Final = 250  # parsers begin to disagree at 255; no model API nests a tenth of this


class Member(NamedTuple):
    """One top-level member: its decoded name, and the byte offsets of name and value.

    `body[key_start:key_end]` is the name's literal with its quotes, `body[value_start:value_end]`
    the value's JSON text without the white space around it.
    """

    key: str
    key_start: int
    key_end: int
    value_start: int
    value_end: int


def members(body: bytes) -> list[Member]:
    """Every top-level member in the order of the body, repeated names included.

    Refuses all but one JSON object of at most MAX_DEPTH levels in UTF-8 without a BOM. NaN,
    Infinity and escapes of half a surrogate pair are refused too: not every reader takes them.
    """
    try:
        raws = _decode_object(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise unreadable(error) from None
    check_skipped(body)
    found = []
    at = body.index(b"{") + 1
    while (name := _NAME.match(body, at)) is not None:
        start, end = name.span(1)
        key = _decode_text(body[start:end])
        at = _end_of_value(body, name.end(), raws[key])
        found.append(Member(key, start, end, name.end(), at))
    return found


def check_skipped(body: bytes) -> None:
    """Refuse bad UTF-8 and too deep nesting in a body that msgspec has accepted as an object."""
    check_text(body)
    check_depth(body)


def check_text(body: bytes) -> None:
    """Refuse bad UTF-8 in what msgspec has skipped."""
    if not is_text(body):
        raise Refused(UNREADABLE_BODY, UnicodeDecodeError.__name__)


def is_text(piece: bytes) -> bool:
    """Whether a piece of a body is UTF-8 by itself."""
    if piece.isascii():
        return True
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_depth(body: bytes) -> None:
    """Refuse too deep nesting in a body that msgspec has accepted."""
    if _nests_beyond(MAX_DEPTH, body):
        raise Refused(UNREADABLE_BODY, "nested too deep")


def nests_deep(part: bytes) -> bool:
    """Whether a part of a body nests so deep that only the whole body tells whether it is too deep.

    Where two parts do not, one of them may stand anywhere in the other.
    """
    return _nests_beyond(_HALF, part)


def unreadable(error: Exception) -> Refused:
    """The refusal that stands for a parser's error, without the parser's words: some quote."""
    return Refused(UNREADABLE_BODY, type(error).__name__)


_decode_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text: Final = msgspec.json.Decoder(str).decode

# Possessive: a string of a million escapes must not leave a million places to go back to.
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE: Final = rb"[ \t\r\n]*+"
_NAME: Final = re.compile(
    _SPACE + rb",?" + _SPACE + rb"(" + _STRING + rb")" + _SPACE + rb":" + _SPACE
)
_TOKEN: Final = re.compile(_STRING + rb"|[\[\]{}]|[^ \t\r\n,\[\]{}\":]++")
_AFTER_VALUE: Final = b",} \t\r\n"
_NO_MARK: Final = bytes(set(range(256)) - set(b'[]{}"'))
_ROUNDS: Final = 16
_HALF: Final = MAX_DEPTH // 2 - 1  # one list stands between
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _nests_beyond(levels: int, text: bytes) -> bool:
    # What opens no more brackets than that cannot nest deeper.
    return text.count(b"{") + text.count(b"[") > levels and _depth(text) > levels


def _end_of_value(body: bytes, at: int, guess: msgspec.Raw) -> int:
    """Where the value that starts at `at` ends; `guess` is the last value of the same name.

    The guess spares a walk through long values: only a repeated name makes it a wrong one.
    """
    end = at + len(guess)
    if body.startswith(guess, at) and body[end] in _AFTER_VALUE:
        return end
    level = 0
    tokens = _TOKEN.finditer(body, at)
    while True:
        token = next(tokens)
        level += _STEP.get(body[token.start()], 0)
        if level == 0:
            return token.end()


def _depth(body: bytes) -> int:
    """The nesting of valid JSON, or a larger number within twice _ROUNDS."""
    # Backslashes stand only in strings. Without escaped ones and escaped quotes, every second
    # piece between quotes is outside of strings.
    if body.find(b"\\") >= 0:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b"".join(body.translate(None, _NO_MARK).split(b'"')[::2])
    # Each round takes the innermost pairs away, two levels at the most: usual bodies need five
    # rounds, which cost a tenth of a walk from bracket to bracket.
    left = outside
    for rounds in range(1, _ROUNDS + 1):
        left = left.replace(b"{}", b"").replace(b"[]", b"")
        if not left:
            return 2 * rounds
    return max(accumulate(map(_STEP.__getitem__, outside)))
