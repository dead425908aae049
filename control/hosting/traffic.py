"""Who carries this host's traffic: this process itself, or a crew of worker processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from control.api.facts import Readiness
from control.files.config import Config
from control.hosting.crew import crew
from control.hosting.single import single
from control.hosting.stored import Kept
from proxy.following.watch import Watch
from proxy.recording.record import Recorder
from proxy.recording.telemetry import Gauges


class Traffic(Protocol):
    """What the control plane sees of the host's data plane, however many processes it is.

    `worker` is this process' name among the workers of the store, None where it serves nothing
    itself. `recorder` counts for the whole host.
    """

    @property
    def addresses(self) -> Sequence[str]:
        """Where applications connect."""
        ...

    @property
    def worker(self) -> str | None: ...

    @property
    def watch(self) -> Watch: ...

    @property
    def recorder(self) -> Recorder: ...

    def readiness(self) -> Readiness:
        """Whether the host serves, and how far that can be trusted."""
        ...

    def gauges(self) -> Gauges:
        """What holds now, for a scrape."""
        ...

    def look(self) -> None:
        """The host's latches have changed."""
        ...

    async def flush(self) -> None:
        """Hands over to the store what this host counted until now."""
        ...

    async def until_drained(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then lets streams finish; a second stop hurries them."""
        ...


@asynccontextmanager
async def carrying(config: Config, kept: Kept) -> AsyncIterator[Traffic]:
    """Traffic is served while this lasts. Raises Invalid or OSError for addresses to listen on."""
    if config.workers == 1:
        async with single(config, kept) as one:
            yield one
    else:
        async with crew(config, kept) as many:
            yield many
