"""The data plane alone: one process that follows a store which others write.

A host's parent process runs several of them: then they listen on its sockets, and tell it how they
stand and what they measure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from proxy import keys
from proxy.carrying.clients import Clients
from proxy.errors import Invalid
from proxy.following.sourced import sourced
from proxy.keys import Unfit
from proxy.policy import Secret, Upstream
from proxy.redis.address import Address
from proxy.redis.found import found
from proxy.running.build import Parts, build
from proxy.running.process import flushing, following, running, settle, until_drained, worker_name
from proxy.running.seconded import Inherited, seconded
from proxy.running.settings import Settings, TokensAt, UpstreamSettings

T = TypeVar("T")

log = logging.getLogger(__name__)


def parts(settings: Settings, environ: Mapping[str, str]) -> Parts:
    """What the settings name, secrets found. Raises Invalid with every secret that is not there."""
    search = _Search(environ)
    all_found = Parts(
        upstreams=tuple(search.upstream(upstream) for upstream in settings.upstreams),
        clients=Clients(search.tokens(settings)),
        limits=settings.limits,
        prices={(price.upstream, price.model): price.price() for price in settings.prices},
    )
    if search.missing:
        raise Invalid("\n".join(search.missing))
    return all_found


def redis(settings: Settings, environ: Mapping[str, str]) -> Address | None:
    """The Redis to follow, secrets found; None for the embedded store.

    Raises Invalid for a secret that is not there.
    """
    if settings.store == "embedded":
        return None
    try:
        return found(settings.store, environ)
    except Unfit as unfit:
        raise Invalid(f"store: {unfit.message}") from None


async def serve(
    settings: Settings,
    parts: Parts,
    stop: asyncio.Event,
    inherited: Inherited | None = None,
    *,
    store: Address | None = None,
) -> None:
    """Serve until `stop` is set, or the parent has ended, then drain.

    `store` is the Redis to follow; without it, it is the store in the settings' `state_dir`.

    Raises Invalid for a bad address, OSError for one that is taken.
    """
    state_dir = Path(settings.state_dir)
    built = build(parts)
    worker = worker_name(parent=None if inherited is None else inherited.parent)
    async with sourced(state_dir, store) as (source, sinks):
        watch = following(built, source, state_dir, worker)
        if inherited is not None:
            await seconded(inherited, built, watch, stop, sinks, worker)
            return
        flush = flushing(built, sinks, worker)
        async with running(built, watch, settings.listen, flush=flush) as traffic:
            settle()
            log.info("serving environment=%s traffic=%s", settings.environment, ",".join(traffic))
            await until_drained(built, stop)


class _Search:
    """Looks for secrets, and remembers what it did not find."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.missing: list[str] = []
        self._environ = environ

    def tokens(self, settings: Settings) -> tuple[Secret, ...] | None:
        named = settings.clients
        if not isinstance(named, TokensAt):
            return None
        return self._found("clients", lambda: keys.tokens(named.tokens_env, self._environ))

    def upstream(self, named: UpstreamSettings) -> Upstream:
        return Upstream(
            name=named.name,
            dialect=named.dialect,
            host=named.host,
            port=named.port,
            tls=named.tls,
            path=named.path,
            socket=named.socket,
            auth=named.auth,
            key=self._found(f"upstreams.{named.name}", lambda: self._key(named)),
            inject_usage=named.inject_usage,
            ca_file=named.ca_file,
        )

    def _key(self, named: UpstreamSettings) -> Secret | None:
        if named.key_env is not None:
            return keys.from_environment(named.key_env, self._environ)
        return None if named.key_file is None else keys.from_file(Path(named.key_file))

    def _found(self, where: str, find: Callable[[], T]) -> T | None:
        try:
            return find()
        except Unfit as unfit:
            hint = f" ({unfit.hint})" if unfit.hint else ""
            self.missing.append(f"{where}: {unfit.message}{hint}")
            return None
