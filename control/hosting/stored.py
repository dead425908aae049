"""The store that the configuration names, and the data plane's view of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from control.files.config import Config
from control.store import StoreInUse, StoreUnavailable
from control.store.embedded import EmbeddedStore
from control.store.redis import RedisStore
from proxy.errors import Invalid
from proxy.following import lastgood
from proxy.redis.address import Address
from proxy.redis.link import Link
from proxy.source import Sink, Source
from proxy.source.embedded import EmbeddedSource
from proxy.source.embedded_sink import EmbeddedSink
from proxy.source.redis import RedisSink, RedisSource

log = logging.getLogger(__name__)


class Kept(NamedTuple):
    """A store, and where this process' own data plane reads and pushes."""

    store: EmbeddedStore | RedisStore
    source: Source
    sinks: tuple[Sink, ...]


@asynccontextmanager
async def stored(config: Config) -> AsyncIterator[Kept]:
    """The store while this lasts. Raises StoreInUse where another process holds `state_dir`.

    A store that cannot be read does not keep traffic from being served by the last good snapshot.
    """
    config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    last_good = _last_good(config.state_dir)
    if isinstance(config.store, Address):
        async with _redis(config.store, last_good) as kept:
            yield kept
    else:
        async with _embedded(config.state_dir, last_good) as kept:
            yield kept


@asynccontextmanager
async def opened(address: Address, *, last_good: bytes | None = None) -> AsyncIterator[RedisStore]:
    """A Redis store without a data plane, while this lasts: for commands that act on it directly.

    It refuses a document that is older than `last_good`.
    """
    link = Link(address)
    store = RedisStore(link, last_good=last_good)
    try:
        async with store.listening():
            yield store
    finally:
        await store.close()
        await link.close()


@asynccontextmanager
async def _redis(address: Address, last_good: bytes | None) -> AsyncIterator[Kept]:
    """One link for both sides."""
    link = Link(address)
    store = RedisStore(link, last_good=last_good)
    source = RedisSource(link, loaded=store.served)
    try:
        async with source.listening(), store.listening():
            yield Kept(store, source, (RedisSink(link),))
    finally:
        await source.close()
        await store.close()
        await link.close()


@asynccontextmanager
async def _embedded(state_dir: Path, last_good: bytes | None) -> AsyncIterator[Kept]:
    source, sink = EmbeddedSource(state_dir), EmbeddedSink(state_dir)
    store = EmbeddedStore(state_dir, seed=last_good)
    store.subscribe(source.hint)
    try:
        await _open(store)
        yield Kept(store, source, (sink,))
    finally:
        sink.close()
        await source.close()
        await store.close()


async def _open(store: EmbeddedStore) -> None:
    try:
        await store.open()
    except StoreInUse:
        raise
    except StoreUnavailable as error:
        log.error("store_unavailable reason=%s", error)


def _last_good(state_dir: Path) -> bytes | None:
    try:
        return lastgood.load(state_dir)
    except (OSError, Invalid):
        return None
