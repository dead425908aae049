"""A real admin API, and a shell that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.control.api.service import Service, service
from tests.control.cli.shell import Shell


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path) as opened:
        yield opened


@pytest.fixture
def shell(api: Service) -> Shell:
    return Shell(url=f"http://{api.address}")


@pytest.fixture
def nowhere() -> Shell:
    """A shell whose control plane does not exist: nothing may listen on port 9 of loopback."""
    return Shell(url="http://127.0.0.1:9")
