"""The configuration as a data plane of its own takes it: names of secrets, and no secret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from control.files.config import Config
from control.files.config_secrets import Origins
from proxy.policy import Upstream
from proxy.running.settings import PriceSettings, Settings, TokensAt, UpstreamSettings


def settings(config: Config, *, listen: Sequence[str] = ()) -> Settings:
    """The settings, with other addresses to listen on where they are given.

    Raises Invalid where those would make an open relay.
    """
    return Settings(
        environment=config.environment,
        listen=tuple(listen) or config.listen,
        state_dir=str(config.state_dir.absolute()),
        clients=_clients(config),
        store=config.origins.redis or "embedded",
        limits=config.limits,
        upstreams=tuple(_upstream(upstream, config.origins) for upstream in config.upstreams),
        prices=prices(config),
    )


def prices(config: Config) -> tuple[PriceSettings, ...]:
    """The prices that the file itself gives."""
    return tuple(
        PriceSettings(
            upstream=model.upstream,
            model=model.model,
            input=model.price.input,
            output=model.price.output,
            cached_input=model.price.cached_input,
            cache_write=model.price.cache_write,
        )
        for model in config.models.values()
        if model.price is not None
    )


def _clients(config: Config) -> Literal["open"] | TokensAt | None:
    if config.origins.tokens_env is not None:
        return TokensAt(tokens_env=config.origins.tokens_env)
    return "open" if config.clients == "open" else None


def _upstream(upstream: Upstream, origins: Origins) -> UpstreamSettings:
    key_file = origins.key_files.get(upstream.name)
    return UpstreamSettings(
        name=upstream.name,
        dialect=upstream.dialect,
        host=upstream.host,
        port=upstream.port,
        tls=upstream.tls,
        path=upstream.path,
        socket=upstream.socket,
        auth=upstream.auth,
        inject_usage=upstream.inject_usage,
        ca_file=None if upstream.ca_file is None else str(Path(upstream.ca_file).absolute()),
        key_env=origins.key_envs.get(upstream.name),
        key_file=None if key_file is None else str(key_file.absolute()),
    )
