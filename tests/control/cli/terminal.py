"""A terminal of 80 columns for a process to print on."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import termios


class Terminal:
    """What a process sees as its screen; `until` reads what it printed there."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        size = struct.pack("HHHH", 40, 80, 0, 0)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, size)
        self._printed = b""

    async def until(self, wanted: str) -> str:
        """What was printed so far, once it holds this text."""
        while wanted not in self.printed:
            self._printed += await asyncio.to_thread(os.read, self._ours, 65_536)
        return self.printed

    @property
    def printed(self) -> str:
        return self._printed.decode(errors="replace")

    def close(self) -> None:
        os.close(self._ours)
        os.close(self.theirs)
