"""The data plane in this process: it serves, tells how it stands, and refuses a rolling restart."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from control.hosting.stored import stored
from control.hosting.traffic import carrying
from proxy.following import latch
from proxy.following.latch import Note
from tests.control.office import configured
from tests.control.store.contract import commit


@pytest.mark.usefixtures("collector")
async def test_one_process_serves_obeys_its_latches_and_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = configured(tmp_path)
    latch.latch(_made(config.state_dir), "triage", Note(actor="j", at="2026-01-02T03:04:05Z"))
    async with stored(config) as kept, carrying(config, kept) as traffic:
        stop = asyncio.Event()
        serving = asyncio.create_task(traffic.until_drained(stop))
        await commit(kept.store, 1, share=2_500)
        assert await traffic.watch.reached(1, 30.0)
        assert traffic.worker == f"{os.uname().nodename}:{os.getpid()}"
        readiness = traffic.readiness()
        assert (readiness.snapshot_version, readiness.degraded) == (1, True)
        assert readiness.reasons[0].startswith("triage is latched on this host")
        gauges = traffic.gauges()
        assert gauges.latched == ("triage",)
        assert gauges.snapshot is not None
        assert gauges.snapshot.routes[0].split.share == 0
        latch.clear(config.state_dir, "triage")
        traffic.look()
        os.kill(os.getpid(), signal.SIGHUP)
        stop.set()
        await serving
        assert traffic.readiness().draining
    assert "rolling_restart_refused" in caplog.text


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
