"""A terminal of 80 columns for a process to print on."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import termios
from asyncio.subprocess import Process

from tests.doubles.until import PATIENCE_S

_END = b"\0"  # nothing that a program prints on a screen


class Terminal:
    """What a process sees as its screen; `until` reads what it printed there."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        size = struct.pack("HHHH", 40, 80, 0, 0)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, size)
        self._printed = b""

    async def until(self, wanted: str) -> str:
        """What was printed so far, once it holds this text; fails when nothing comes any more."""
        while wanted not in self.printed:
            more = await asyncio.to_thread(self._more)
            assert more, f"{wanted!r} never came after {self.printed[-500:]!r}"
            self._printed += more
        return self.printed

    def _more(self) -> bytes:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE_S)
        return os.read(self._ours, 65_536) if ready else b""

    def type(self, text: str) -> None:
        """What somebody types at it."""
        os.write(self._ours, text.encode())

    async def end(self, process: Process) -> None:
        """Wait for the process, reading on: a terminal that nobody reads would hold it up."""
        reading = asyncio.create_task(asyncio.to_thread(self._read_on))
        await process.communicate()
        os.write(self.theirs, _END)
        await reading

    def _read_on(self) -> None:
        while _END not in self._printed:
            self._printed += os.read(self._ours, 65_536)

    @property
    def printed(self) -> str:
        return self._printed.decode(errors="replace")

    def close(self) -> None:
        os.close(self._ours)
        os.close(self.theirs)
