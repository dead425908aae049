"""Bytes from a client that no request has claimed yet, without I/O."""

from __future__ import annotations

from typing import Final

from proxy.errors import HEADERS_TOO_LARGE, MALFORMED_REQUEST, Refused

MAX_PIPELINED: Final = 64 * 1024  # bytes held while an answer is under way; then no more are taken
_MAX_BLANK: Final = 4  # bytes of empty lines before a request line
_ENDS: Final = (13, 10)
_END: Final = b"\r\n\r\n"


class Inbox:
    """`overrun` says that more was pipelined than is held, so the connection must end after it."""

    __slots__ = ("_data", "overrun")

    def __init__(self) -> None:
        self._data = b""
        self.overrun = False

    def __len__(self) -> int:
        return len(self._data)

    def add(self, data: bytes) -> None:
        """Bytes that came while a head is awaited."""
        self._data = self._data + data if self._data else data

    def hold(self, data: bytes) -> None:
        """Bytes that came after a complete request, whose answer is still under way."""
        if not self.overrun:
            self._data += data
            if len(self._data) > MAX_PIPELINED:
                self._data = self._data[:MAX_PIPELINED]
                self.overrun = True

    def head(self, most: int) -> bytes | None:
        """The next head with its blank line, once it is complete.

        Raises Refused: headers_too_large beyond `most` bytes, malformed_request for a run of
        empty lines.
        """
        data = self._data
        if data and data[0] in _ENDS:
            data = data.lstrip(b"\r\n")
            if len(self._data) - len(data) > _MAX_BLANK:
                raise Refused(MALFORMED_REQUEST, "empty lines")
        end = data.find(_END) + 4
        whole = end > 3
        if (end if whole else len(data)) > most:
            raise Refused(HEADERS_TOO_LARGE)
        if not whole:
            return None
        self._data = data[end:]
        return data[:end]

    def take(self, length: int) -> bytes | None:
        """The next `length` bytes, if all are here."""
        if len(self._data) < length:
            return None
        taken, self._data = self._data[:length], self._data[length:]
        return taken

    def rest(self) -> bytes:
        """All that is left; for a body whose end is not known yet."""
        data, self._data = self._data, b""
        return data
