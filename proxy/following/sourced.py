"""What a data plane follows, and where it sends what it measures: an embedded store or a Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proxy.redis.address import Address
from proxy.redis.link import Link
from proxy.source import Sink, Source
from proxy.source.embedded import EmbeddedSource
from proxy.source.embedded_sink import EmbeddedSink
from proxy.source.redis import RedisSink, RedisSource


@asynccontextmanager
async def sourced(
    state_dir: Path, redis: Address | None
) -> AsyncIterator[tuple[Source, tuple[Sink, ...]]]:
    """The source and the sinks, while this lasts; without a Redis the store in `state_dir`."""
    if redis is None:
        embedded, sink = EmbeddedSource(state_dir), EmbeddedSink(state_dir)
        try:
            yield embedded, (sink,)
        finally:
            await embedded.close()
            sink.close()
        return
    link = Link(redis)
    source = RedisSource(link)
    try:
        async with source.listening():
            yield source, (RedisSink(link),)
    finally:
        await source.close()
        await link.close()
