"""Streams are bounded by the files that the process may open."""

from __future__ import annotations

import logging
import resource
import subprocess
import sys

import msgspec
import pytest

from proxy.carrying.descriptors import fitting, lowered, raise_to
from proxy.policy import Limits

IN_A_SMALL_PROCESS = """
import resource
from proxy.carrying.descriptors import fitting
from proxy.policy import Limits
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 164))
print(fitting(Limits()).max_streams, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("files", "streams"), [(25_064, 10_000), (25_063, 9_999), (314, 100), (66, 1), (0, 1)]
)
def test_streams_fit_into_files(files: int, streams: int) -> None:
    assert lowered(Limits(max_streams=10_000), files).max_streams == streams


def test_the_other_limits_stay() -> None:
    limits = Limits(max_body=1, drain_timeout=2.0)
    assert lowered(limits, 89) == msgspec.structs.replace(limits, max_streams=10)


def test_lowering_is_said_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        lowered(Limits(max_streams=100), 114)
        lowered(Limits(max_streams=100), 314)
    assert caplog.messages == ["max_streams_lowered from=100 to=20 files=114"]


def test_few_streams_are_left_as_they_are() -> None:
    limits = Limits(max_streams=1)
    assert fitting(limits) is limits


def test_what_is_allowed_already_stays_allowed() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert raise_to(1) >= 1
    assert resource.getrlimit(resource.RLIMIT_NOFILE) >= (soft, hard)


def test_a_process_takes_all_that_the_system_gives() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_SMALL_PROCESS], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["40", "164", "164"]
