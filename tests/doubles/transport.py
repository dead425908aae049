"""A transport without a socket, whose peer reads as much as a test lets it: Transport."""

from __future__ import annotations

import asyncio


class Transport(asyncio.Transport):
    """Behaves as uvloop's TCP transport does with a high-water mark of 0.

    `written` is all that was handed over, `sent` what the peer has taken. `room` bytes are taken at
    once, None being all of them; `drain` lets the peer take more. That it is over is told by
    `turn`, as a real loop tells it in its next round.
    """

    def __init__(self, protocol: asyncio.Protocol, *, room: int | None = None) -> None:
        super().__init__()
        self._protocol = protocol
        self._room = room
        self._waiting = bytearray()
        self._closing = False
        self._over = False  # nothing more can be sent
        self._error: Exception | None = None
        self._told = False
        self._full = False
        self.sent = b""
        self.eof = False
        self.paused = False
        self.aborted = False
        protocol.connection_made(self)

    @property
    def written(self) -> bytes:
        return self.sent + bytes(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether its end has come, by close or by abort."""
        return self._closing

    def clear(self) -> bytes:
        """Everything written since this was last called."""
        assert not self._waiting
        taken, self.sent = self.sent, b""
        return taken

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.eof:
            raise RuntimeError("write after write_eof")
        if self._over:
            return
        self._waiting += data
        self._flush()
        if self._waiting and not self._full:
            self._full = True
            self._protocol.pause_writing()

    def drain(self, size: int | None = None) -> None:
        """The peer takes so many bytes more, None being all that come from now on."""
        self._room = None if size is None else (self._room or 0) + size
        self._flush()
        if self._full and not self._waiting and not self._over:
            self._full = False
            self._protocol.resume_writing()
        self._over = self._over or (self._closing and not self._waiting)

    def turn(self) -> None:
        """The loop's next round: what has ended is told."""
        if self._over and not self._told:
            self._told = True
            self._protocol.connection_lost(self._error)

    def receive(self, data: bytes) -> None:
        """The peer sends this; nothing arrives while reading is paused."""
        assert not self.paused, "nobody reads"
        if not self._closing:
            self._protocol.data_received(data)

    def receive_eof(self) -> None:
        """The peer has sent its last byte."""
        assert not self.paused, "nobody reads"
        if not self._closing and not self._protocol.eof_received():
            self.close()

    def lose(self, error: Exception | None) -> None:
        """The connection breaks."""
        self._error = error
        self._closing = self._over = True
        self._waiting.clear()
        self.turn()

    def close(self) -> None:
        self._closing = True
        self._over = self._over or not self._waiting

    def abort(self) -> None:
        self.aborted = self._closing = self._over = True
        self._waiting.clear()

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def is_reading(self) -> bool:
        return not self.paused

    def write_eof(self) -> None:
        self.eof = True

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return len(self._waiting)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 1, "this double knows no other mark"

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def _flush(self) -> None:
        size = len(self._waiting) if self._room is None else min(self._room, len(self._waiting))
        self.sent += self._waiting[:size]
        del self._waiting[:size]
        if self._room is not None:
            self._room -= size
