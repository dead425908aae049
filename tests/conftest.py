"""Fixtures that every test may use: the two model APIs that a migration moves between."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.doubles.upstream import Server


@pytest.fixture
async def old() -> AsyncIterator[Server]:
    """The model API that the baseline is served by."""
    async with Server("old") as server:
        yield server


@pytest.fixture
async def new() -> AsyncIterator[Server]:
    """The model API that the candidate is served by."""
    async with Server("new") as server:
        yield server
