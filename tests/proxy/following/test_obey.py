"""A latch set by anybody on the host is obeyed, before the first request and after every change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from proxy.errors import Invalid
from proxy.following import latch
from proxy.following.latch import Note
from proxy.following.obey import Obeying
from proxy.policy import Snapshot, Split
from tests.proxy.routes import route

NOTE = Note(actor="jane@host", at="2026-01-02T03:04:05Z")


class Applied:
    """Stands where a plane does; tells when it was given something."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.fault: Exception | None = None
        self.given = asyncio.Event()
        self.asked = asyncio.Event()

    def __call__(self, snapshot: Snapshot) -> None:
        self.asked.set()
        if self.fault is not None:
            raise self.fault
        self.snapshots.append(snapshot)
        self.given.set()

    @property
    def shares(self) -> list[int]:
        return [one.routes[0].split.share for one in self.snapshots]


def snapshot(version: int, share: int = 2_500) -> Snapshot:
    one = msgspec.structs.replace(route("triage"), split=Split(share=share, since=version))
    return Snapshot(epoch=1, version=version, routes=(one,))


async def test_a_latch_from_before_the_start_holds_from_the_first_snapshot_on(
    tmp_path: Path,
) -> None:
    latch.latch(tmp_path, "triage", NOTE)
    applied = Applied()
    obeying = Obeying(applied, tmp_path)
    await obeying.look()
    obeying.apply(snapshot(1))
    obeying.apply(snapshot(2, share=9_000))
    assert applied.shares == [0, 0]
    assert obeying.reasons == (
        "triage is latched on this host; 'crossfade retry triage --local' clears it",
    )


async def test_a_latch_is_obeyed_when_it_comes_and_when_it_goes(tmp_path: Path) -> None:
    applied = Applied()
    obeying = Obeying(applied, tmp_path)
    running = asyncio.create_task(obeying.run())
    obeying.apply(snapshot(1))
    for change in (
        lambda: latch.latch(tmp_path, "triage", NOTE),
        lambda: latch.clear(tmp_path, "triage"),
    ):
        applied.given.clear()
        change()
        await applied.given.wait()
    assert applied.shares == [2_500, 0, 2_500]
    assert obeying.reasons == ()
    running.cancel()
    await asyncio.wait([running])


async def test_a_hint_ends_the_wait(tmp_path: Path) -> None:
    applied = Applied()
    obeying = Obeying(applied, tmp_path, every_s=1_000.0)
    await obeying.look()
    obeying.apply(snapshot(1))
    running = asyncio.create_task(obeying.run())
    applied.given.clear()
    latch.latch(tmp_path, None, NOTE)
    obeying.hint()
    await applied.given.wait()
    assert applied.shares == [2_500, 0]
    assert obeying.reasons == (
        "every migration is latched on this host; 'crossfade retry --all --local' clears it",
    )
    running.cancel()
    await asyncio.wait([running])


async def test_what_cannot_be_read_at_the_start_counts_as_a_latch_of_everything(
    tmp_path: Path,
) -> None:
    (tmp_path / "latch").write_bytes(b"a file")
    applied = Applied()
    obeying = Obeying(applied, tmp_path)
    await obeying.look()
    await obeying.look()
    obeying.apply(snapshot(1))
    assert applied.shares == [0]
    assert any("cannot be read" in reason for reason in obeying.reasons)
    (tmp_path / "latch").unlink()
    await obeying.look()
    assert applied.shares == [0, 2_500]
    assert obeying.reasons == ()


async def test_what_cannot_be_read_later_leaves_what_is_known(tmp_path: Path) -> None:
    applied = Applied()
    obeying = Obeying(applied, tmp_path)
    await obeying.look()
    obeying.apply(snapshot(1))
    (tmp_path / "latch").write_bytes(b"a file")
    await obeying.look()
    assert applied.shares == [2_500]
    assert any("cannot be read" in reason for reason in obeying.reasons)


async def test_a_snapshot_that_cannot_serve_is_refused_as_the_plane_refuses_it(
    tmp_path: Path,
) -> None:
    applied = Applied()
    applied.fault = Invalid("unknown upstream")
    obeying = Obeying(applied, tmp_path)
    with pytest.raises(Invalid):
        obeying.apply(snapshot(1))
    applied.fault = None
    latch.latch(tmp_path, "triage", NOTE)
    await obeying.look()
    assert applied.snapshots == []  # what was refused is not tried again by itself


async def test_a_fault_of_the_plane_does_not_end_the_looking(tmp_path: Path) -> None:
    applied = Applied()
    obeying = Obeying(applied, tmp_path)
    obeying.apply(snapshot(1))
    latch.latch(tmp_path, "triage", NOTE)
    applied.asked.clear()
    applied.fault = RuntimeError("a bug")
    running = asyncio.create_task(obeying.run())
    await applied.asked.wait()
    applied.fault = None
    applied.given.clear()
    latch.clear(tmp_path, "triage")
    await applied.given.wait()
    assert obeying.faults == 1
    running.cancel()
    await asyncio.wait([running])
