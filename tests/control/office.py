"""A desk with everything real behind it: the embedded store, and a worker that follows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from control.desk.desk import Ask, Desk
from control.desk.fleet import Fleet
from control.files import config
from control.files.config import Config
from control.migration.ledger import Source
from control.store.embedded import EmbeddedStore
from proxy.following.watch import Watch
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName, Snapshot
from proxy.recording.figures import figures
from proxy.recording.record import Recorder
from proxy.source.embedded import EmbeddedSource

CONFIG = """\
environment: staging
listen: 127.0.0.1:0
admin: {listen: "127.0.0.1:0"}
upstreams:
  openai: {url: "http://127.0.0.1:9", dialect: openai}
models:
  gpt-4o: {upstream: openai, model: gpt-4o-2024-08-06, status: production}
  gpt-4o-mini: {upstream: openai, status: staging}
  gpt-5: {upstream: openai, status: staging}
"""

ASK = Ask(actor="jane@desk")


def migration(
    name: str = "triage", *, match: str = "gpt-4o", candidate: str = "gpt-4o-mini", more: str = ""
) -> str:
    """The text of a migration file."""
    return (
        f"migration: {name}\n"
        'reason: {kind: cost, text: "40 % cheaper"}\n'
        "owner: jane@example.com\n"
        f"match: {{model: {match}}}\n"
        "baseline: gpt-4o\n"
        f"candidate: {candidate}\n"
        f"{more}"
    )


def source(name: str = "triage", *, match: str = "gpt-4o", more: str = "") -> Source:
    """The same, as it is applied."""
    return Source(text=migration(name, match=match, more=more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A desk, its store, the snapshots that its worker served, and the worker's recorder."""

    desk: Desk
    store: EmbeddedStore
    watch: Watch
    served: list[Snapshot]
    recorder: Recorder
    folder: Path


@asynccontextmanager
async def office(folder: Path, *, serving: bool = True) -> AsyncIterator[Office]:
    """Opens one in a folder; without `serving` no worker ever acknowledges."""
    settings = configured(folder)
    store = EmbeddedStore(settings.state_dir)
    await store.open()
    source = EmbeddedSource(settings.state_dir)
    store.subscribe(source.hint)
    served: list[Snapshot] = []
    recorder = Recorder()
    watch = Watch(source, served.append, state_dir=settings.state_dir, worker="one")
    running = asyncio.create_task(watch.run()) if serving else None
    salts = count(1)
    desk = Desk(
        store=store,
        config=settings,
        acknowledged=Fleet(store, worker="one", reached=watch.reached, clock=time.perf_counter),
        figures=partial(_figures, recorder),
        now=lambda: datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC),
        clock=time.perf_counter,
        draw_salt=lambda: f"{next(salts):032x}",
        patience_s=60.0 if serving else 0.01,
    )
    try:
        yield Office(
            desk=desk, store=store, watch=watch, served=served, recorder=recorder, folder=folder
        )
    finally:
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        await source.close()
        await store.close()


def configured(folder: Path) -> Config:
    """The configuration of an office; its file is written where there is none."""
    path = folder / "crossfade.yaml"
    if not path.exists():
        path.write_text(CONFIG)
    return config.load(path, {})


def _figures(recorder: Recorder, name: str, arm: ArmName) -> Figures:
    return figures(recorder.arm(name, arm))
