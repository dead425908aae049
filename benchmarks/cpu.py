"""What a process and its children have used so far: processor time and memory."""

from __future__ import annotations

import psutil


def cpu_s(pid: int) -> float:
    """User and system seconds."""
    return sum(sum(one.cpu_times()[:2]) for one in _tree(pid))


def rss(pid: int) -> int:
    """Resident bytes."""
    return sum(one.memory_info().rss for one in _tree(pid))


def _tree(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
