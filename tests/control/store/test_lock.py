"""One process at a time in a state directory."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from control.store import StoreInUse, StoreUnavailable
from control.store.lock import LOCK, DirectoryLock

HOLDER = """
import sys
from pathlib import Path
from control.store.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    with pytest.raises(StoreInUse, match=rf"another crossfade \(process {os.getpid()}\) uses"):
        DirectoryLock(tmp_path)
    lock.release()


def test_it_can_be_taken_again_once_released(tmp_path: Path) -> None:
    DirectoryLock(tmp_path).release()
    DirectoryLock(tmp_path).release()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    assert stat.S_IMODE((tmp_path / LOCK).stat().st_mode) == 0o600
    lock.release()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreInUse, match=f"process {holder.pid}"):
            DirectoryLock(tmp_path)
        holder.kill()
        holder.wait()
    DirectoryLock(tmp_path).release()


def test_a_disk_that_refuses_the_file_is_not_called_another_holder(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with pytest.raises(StoreUnavailable, match=r"serve.lock cannot be written") as refused:
        DirectoryLock(tmp_path)
    assert not isinstance(refused.value, StoreInUse)


def test_a_full_disk_is_not_called_another_holder(tmp_path: Path) -> None:
    (tmp_path / LOCK).symlink_to("/dev/full")
    with pytest.raises(StoreUnavailable, match=r"serve.lock cannot be locked") as refused:
        DirectoryLock(tmp_path)
    assert not isinstance(refused.value, StoreInUse)
