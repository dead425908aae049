"""The measures in memory, held to what the real ones are."""

from __future__ import annotations

import time

import pytest

from tests.control.store.measures_contract import MeasuresContract
from tests.doubles.memory_measures import MemoryMeasures


class TestMemoryMeasures(MeasuresContract):
    @pytest.fixture
    def measures(self) -> MemoryMeasures:
        return MemoryMeasures(time.monotonic)

    @pytest.fixture
    def sink(self, measures: MemoryMeasures) -> MemoryMeasures:
        return measures
