"""How much freed memory a process keeps, so that a long body needs no fresh pages."""

from __future__ import annotations

import ctypes
from typing import Final

KEPT: Final = 16 * 1024 * 1024  # bytes at the heap's end that stay with the process when freed
HEAP: Final = 4 * 1024 * 1024  # bytes of a block from which on it is mapped by itself

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3


def keep_freed() -> bool:
    """Keep up to KEPT freed bytes for the next body; False where the C library is not glibc.

    By itself glibc gives blocks of a megabyte back after each request, and the system has 256
    pages to clear for each of them at the next one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, HEAP) and mallopt(_M_TRIM_THRESHOLD, KEPT))
