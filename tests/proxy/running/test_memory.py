"""Freed memory that is kept costs no page faults when it is used again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from proxy.running.memory import keep_freed

BODIES = """
import resource
from proxy.running.memory import keep_freed
if {kept}: assert keep_freed()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def use():
    return [bytes([65]) * 1_000_000 for _ in range(3)]
use()
before = faults()
for _ in range(20):
    use()
print(faults() - before)
"""


def faults(*, kept: bool) -> int:
    """The page faults of 20 requests that touch 3 MB each, in a process of their own."""
    command = [sys.executable, "-c", BODIES.format(kept=kept)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_memory_that_is_kept_is_not_asked_for_again() -> None:
    if not keep_freed():
        pytest.skip("the C library is not glibc")
    assert faults(kept=True) < faults(kept=False) / 10
