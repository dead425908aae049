"""The source in memory, held to what the real ones are."""

from __future__ import annotations

import pytest

from tests.doubles.memory_source import MemorySource
from tests.proxy.source.contract import SourceContract, SourceRig


class MemoryRig(SourceRig):
    def __init__(self) -> None:
        self.source: MemorySource = MemorySource()

    async def put(self, data: bytes) -> None:
        self.source.document = data

    def hint(self) -> None:
        self.source.hint()

    async def acknowledged(self) -> dict[str, int]:
        return self.source.acknowledged


class TestMemorySource(SourceContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()
