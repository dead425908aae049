"""The embedded store's sink: what it refuses, and how much it holds where nobody rolls up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.store import measures_file
from proxy.source import SourceUnavailable, embedded_sink
from proxy.source.embedded_sink import EmbeddedSink
from tests.doubles.deltas import flushed


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[EmbeddedSink]:
    measures_file.begin(tmp_path / "measures.db")
    sink = EmbeddedSink(tmp_path)
    yield sink
    sink.close()


def held(tmp_path: Path) -> tuple[bytes, ...]:
    return measures_file.measured(tmp_path / "measures.db", "").deltas


async def test_what_was_pushed_is_in_the_file(sink: EmbeddedSink, tmp_path: Path) -> None:
    await sink.push(flushed(1))
    await sink.push(flushed(1))
    await sink.push(flushed(2))
    assert held(tmp_path) == (flushed(1), flushed(2))


async def test_without_a_file_there_is_nowhere_to_push_to(
    sink: EmbeddedSink, tmp_path: Path
) -> None:
    (tmp_path / "measures.db").unlink()
    with pytest.raises(SourceUnavailable, match="missing"):
        await sink.push(flushed(1))
    assert not (tmp_path / "measures.db").exists()


@pytest.mark.parametrize("content", [b"garbage" * 1_000, b""])
async def test_a_wrecked_file_takes_nothing(
    sink: EmbeddedSink, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "measures.db").write_bytes(content)
    with pytest.raises(SourceUnavailable, match=r"measures.db"):
        await sink.push(flushed(1))


async def test_what_is_no_delta_is_not_taken(sink: EmbeddedSink, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="a delta cannot be read"):
        await sink.push(b"garbage")
    assert held(tmp_path) == ()


async def test_where_nobody_rolls_up_the_oldest_go(
    sink: EmbeddedSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_sink, "MOST_DELTAS", 3)
    for seq in range(1, 7):
        await sink.push(flushed(seq))
    assert held(tmp_path) == (flushed(4), flushed(5), flushed(6))


async def test_while_an_earlier_push_hangs_the_sink_is_unavailable(sink: EmbeddedSink) -> None:
    released = threading.Event()
    hanging = asyncio.ensure_future(sink._thread.run(released.wait))
    await asyncio.sleep(0)
    with pytest.raises(SourceUnavailable, match="does not answer"):
        await sink.push(flushed(1))
    released.set()
    await hanging
    await sink.push(flushed(1))
