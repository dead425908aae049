"""Ending a connection by a reset, which nobody can take for the end of an answer."""

from __future__ import annotations

import asyncio
import socket
import struct

_AT_ONCE = struct.pack("ii", 1, 0)


def reset_on_close(transport: asyncio.Transport) -> None:
    """Make a TCP connection's end a reset, from here on; other sockets know none."""
    held = transport.get_extra_info("socket")
    if held is not None and held.family in (socket.AF_INET, socket.AF_INET6):
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
