"""What every source must do, whatever it reads from."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import pytest

from proxy.source import Source
from tests.doubles.documents import document


class SourceRig(ABC):
    """A source, and the other side of the store that it reads."""

    source: Source

    @abstractmethod
    async def put(self, data: bytes) -> None: ...

    @abstractmethod
    def hint(self) -> None: ...

    @abstractmethod
    async def acknowledged(self) -> dict[str, int]: ...


class SourceContract:
    """A subclass gives the fixture `rig`, on a store to which nothing was ever committed."""

    async def test_a_store_without_commits_answers_that_it_is_empty(self, rig: SourceRig) -> None:
        assert await rig.source.load() is None

    async def test_a_document_is_loaded_byte_for_byte(self, rig: SourceRig) -> None:
        await rig.put(document(1, share=100))
        assert await rig.source.load() == document(1, share=100)

    async def test_the_latest_document_is_loaded(self, rig: SourceRig) -> None:
        await rig.put(document(1))
        await rig.source.load()
        await rig.put(document(2))
        assert await rig.source.load() == document(2)

    async def test_a_hint_ends_the_wait(self, rig: SourceRig) -> None:
        waiting = asyncio.ensure_future(rig.source.changed(3600))
        await asyncio.sleep(0)
        assert not waiting.done()
        rig.hint()
        await waiting

    async def test_a_hint_between_two_waits_is_not_lost(self, rig: SourceRig) -> None:
        rig.hint()
        await rig.source.changed(3600)

    async def test_one_hint_ends_one_wait(self, rig: SourceRig) -> None:
        rig.hint()
        await rig.source.changed(3600)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await rig.source.changed(3600)

    async def test_without_a_hint_the_wait_ends_by_itself(self, rig: SourceRig) -> None:
        await rig.source.changed(0.01)

    async def test_the_store_hears_which_version_each_worker_serves(self, rig: SourceRig) -> None:
        await rig.source.acknowledge("one", 1)
        await rig.source.acknowledge("two", 1)
        await rig.source.acknowledge("one", 2)
        assert await rig.acknowledged() == {"one": 2, "two": 1}

    async def test_a_worker_whose_source_is_closed_has_left(self, rig: SourceRig) -> None:
        await rig.source.acknowledge("two", 1)
        await rig.source.acknowledge("one", 2)
        await rig.source.close()
        assert await rig.acknowledged() == {"two": 1}
