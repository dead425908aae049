"""How many streams fit into the files that this process may have open."""

from __future__ import annotations

import logging
import resource

import msgspec

from proxy.policy import Limits

A_STREAM = 2.5  # files: two sockets, and half of another for a client that is idle
OTHERS = 64  # files that are no stream's: the store, the log, listeners, operators, refusals

log = logging.getLogger(__name__)


def fitting(limits: Limits) -> Limits:
    """The limits for this process, which from here on may open as many files as it can get."""
    return lowered(limits, raise_to(int(limits.max_streams * A_STREAM) + OTHERS))


def lowered(limits: Limits, files: int) -> Limits:
    """The limits with no more streams than so many files allow; says so where they are lowered."""
    most = max(1, int((files - OTHERS) / A_STREAM))
    if most >= limits.max_streams:
        return limits
    log.warning("max_streams_lowered from=%d to=%d files=%d", limits.max_streams, most, files)
    return msgspec.structs.replace(limits, max_streams=most)


def raise_to(wanted: int) -> int:
    """Ask the system for so many open files or more; gives how many it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= allowed:
        return allowed
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (ValueError, OSError):  # macOS has a bound of its own below the one it names
        return soft
    return allowed
