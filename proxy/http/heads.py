"""Request heads met before: a client's next head mostly differs from its last in the length alone.

An SDK sends the same dozen headers with every request. Parsing them again costs a third of the
request's whole budget, so heads are remembered by their bytes, the length's digits cut out.
"""

from __future__ import annotations

import re
from typing import Final

from proxy.http.head import RequestHead
from proxy.http.http1 import read_request

MOST: Final = 1024  # heads remembered; then all are forgotten
LONGEST: Final = 4096  # bytes of a head that is worth remembering

_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]{1,15})\r\n", re.IGNORECASE)


class Heads:
    """A bounded memory of heads that passed the gate. It holds what clients sent, so it is never
    written anywhere."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[bytes, RequestHead] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def read(self, raw: bytes) -> RequestHead:
        """As `read_request`; equal bytes give an equal head. Raises Refused."""
        found = _LENGTH.search(raw)
        if found is None or len(raw) > LONGEST:
            return read_request(raw)
        start, end = found.span(1)
        # NUL marks the place: no head that holds one passes the gate, so no other head is like it.
        key = b"%b\0%b" % (raw[:start], raw[end:])
        known = self._seen.get(key)
        if known is None:
            return self._remember(key, raw)
        length = int(raw[start:end])
        return known if known.length == length else known.of_length(length)

    def _remember(self, key: bytes, raw: bytes) -> RequestHead:
        head = read_request(raw)
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[key] = head
        return head
