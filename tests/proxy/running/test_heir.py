"""Locks tell workers and parents of each other; the kernel lets go of them with their holders."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from proxy.running import heir
from proxy.running.heir import PARENT, WORKERS, held, hold, succeed, succeeded


def test_workers_share_theirs_and_a_parent_is_told_of_them(tmp_path: Path) -> None:
    assert not held(tmp_path, WORKERS)
    first = hold(tmp_path, WORKERS, shared=True)
    second = hold(tmp_path, WORKERS, shared=True)
    assert first is not None
    assert second is not None
    assert held(tmp_path, WORKERS)
    assert hold(tmp_path, WORKERS) is None
    os.close(first)
    assert held(tmp_path, WORKERS)
    os.close(second)
    assert not held(tmp_path, WORKERS)


def test_where_there_is_no_disk_nobody_is_there(tmp_path: Path) -> None:
    assert not held(tmp_path / "missing", WORKERS)
    with pytest.raises(OSError, match="No such"):
        hold(tmp_path / "missing", WORKERS)


async def test_an_orphan_waits_until_another_parent_is_there(tmp_path: Path) -> None:
    assert not await succeeded(tmp_path, 0.0)
    waiting = asyncio.create_task(succeeded(tmp_path, 30.0))
    succeeding = asyncio.create_task(succeed(tmp_path))
    assert await waiting
    succeeding.cancel()
    await asyncio.wait([succeeding])
    assert not held(tmp_path, PARENT)


async def test_a_parent_takes_over_from_one_that_is_still_there_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heir, "LOOK_S", 0.001)
    before = hold(tmp_path, PARENT)
    assert before is not None
    succeeding = asyncio.create_task(succeed(tmp_path))
    await asyncio.sleep(0)
    os.close(before)
    assert await succeeded(tmp_path, 30.0)
    succeeding.cancel()
    await asyncio.wait([succeeding])


def test_orphans_that_look_do_not_take_each_other_for_a_parent(tmp_path: Path) -> None:
    looking = hold(tmp_path, PARENT, shared=True)
    assert looking is not None
    assert not held(tmp_path, PARENT)
    assert hold(tmp_path, PARENT) is None
    os.close(looking)


async def test_a_disk_that_refuses_the_lock_ends_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await succeed(tmp_path / "nowhere")
    assert caplog.messages == ["parent_lock_refused reason=No such file or directory"]
