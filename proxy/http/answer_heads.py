"""Answer heads, line by line: a header line that was met before is not parsed again.

Most lines of an upstream's answers are always the same, and the others (a date, a request's id)
are plain. Whatever bears on framing and was never seen to pass the gate goes through the gate.
"""

from __future__ import annotations

import re
from typing import Final

from proxy.http.head import AnswerHead
from proxy.http.http1 import NOT_FORWARDED, read_answer

MOST = 4096  # lines remembered; then all are forgotten
LONGEST = 512  # bytes of a line that is worth remembering

# A plain field line by RFC 9112, narrower than llhttp: visible ASCII, and spaces between.
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~]+(?:[ \t]+[!-~]+)*)?)")
_CONCERNS_FRAMING: Final = NOT_FORWARDED | {b"content-encoding", b"content-type"}
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: ([!-~]*(?: [!-~]+)*))?")
_BODILESS: Final = frozenset({204, 304})

_PLAIN: Final = 0
_LENGTH: Final = 1
_CHUNKED: Final = 2
_KIND: Final = 3


class Line:
    """A header line that passed the gate: what it means for the body, and what goes on of it.

    `sent` is empty for what stays on this hop, and for the length, which `value` holds whole.
    """

    __slots__ = ("meaning", "number", "sent", "value")

    def __init__(self, meaning: int, sent: bytes, value: bytes = b"", number: int = 0) -> None:
        self.meaning = meaning
        self.sent = sent
        self.value = value
        self.number = number


class AnswerHeads:
    """A bounded memory of lines. It holds what upstreams sent, so it is never written anywhere."""

    __slots__ = ("_firsts", "_lines")

    def __init__(self) -> None:
        self._lines: dict[bytes, Line] = {}
        self._firsts: dict[bytes, tuple[int, bytes]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def read(self, raw: bytes, method: bytes) -> AnswerHead:
        """As `read_answer`, with an equal head. Raises Refused."""
        lines = raw[:-4].split(b"\r\n")
        first = self._firsts.get(lines[0])
        if first is None:
            first = self._begin(lines[0])
        if first is None or method == b"HEAD":
            return read_answer(raw, method=method)
        head = self._read(first, lines)
        return read_answer(raw, method=method) if head is None else head

    def _read(self, first: tuple[int, bytes], texts: list[bytes]) -> AnswerHead | None:
        """The head, or None where the gate has to look at it as a whole."""
        sent: list[bytes] = []
        length: Line | None = None
        kind: Line | None = None
        chunked = False
        known = self._lines
        for text in texts[1:]:
            line = known.get(text) or self._learn(text)
            if line is None:
                return None
            if line.sent:
                sent.append(line.sent)
            meaning = line.meaning
            if meaning == _PLAIN:
                continue
            if meaning == _LENGTH and length is None and not chunked:
                length = line
            elif meaning == _KIND and kind is None:
                kind = line
            elif meaning == _CHUNKED and length is None and not chunked:
                chunked = True
            else:
                return None
        return AnswerHead(
            first[0],
            first[1],
            sent,
            length=None if length is None else length.number,
            chunked=chunked,
            reusable=chunked or length is not None,
            length_line=b"" if length is None else length.value,
            kind=b"" if kind is None else kind.value,
        )

    def _begin(self, text: bytes) -> tuple[int, bytes] | None:
        """The status and the line as it goes on, of answers that have a body as a rule."""
        found = _STATUS.fullmatch(text)
        if found is None or int(found[1]) in _BODILESS:
            return None
        status = int(found[1])
        first = (status, b"HTTP/1.1 %d %b\r\n" % (status, found[2] or b""))
        if len(self._firsts) < MOST and len(text) <= LONGEST:
            self._firsts[text] = first
        return first

    def _learn(self, text: bytes) -> Line | None:
        """What a line means; None for one that only the gate may judge, among all the others."""
        found = _FIELD.fullmatch(text)
        if found is None:
            return None
        line = _meaning(found[1], found[2])
        if line is not None and len(text) <= LONGEST:
            if len(self._lines) >= MOST:
                self._lines.clear()
            self._lines[text] = line
        return line


def _meaning(name: bytes, value: bytes) -> Line | None:
    lower = name.lower()
    sent = b"%b: %b\r\n" % (name, value)
    match lower:
        case b"content-length":
            # More digits than a body can have are for the gate to refuse.
            usual = value.isdigit() and len(value) <= 15
            return Line(_LENGTH, b"", sent, int(value)) if usual else None
        case b"content-type":
            return Line(_KIND, sent, value.lower())
        case b"transfer-encoding":
            return Line(_CHUNKED, b"") if value.lower() == b"chunked" else None
        case b"connection":
            return Line(_PLAIN, b"") if value.lower() == b"keep-alive" else None
        case b"keep-alive":
            return Line(_PLAIN, b"")
    if lower in _CONCERNS_FRAMING:
        return None
    return Line(_PLAIN, b"" if lower.startswith(b"x-crossfade-") else sent)
