"""Which price a model has: the file's own, or genai-prices' table resolved once per model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, assert_never

from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelPrice, TieredPrices

from proxy.numbers.prices import Price, Rates, Tier, per_token
from proxy.policy import Dialect, Upstream

MODELS: Final = 1_024  # kept; names beyond push out the longest unused
PER_THOUSAND: Final = 1_000  # the table prices requests by the thousand, tokens by the million
LONGEST_NAME: Final = 256  # characters; no provider has such a name, and each one kept costs memory

_KINDS: Final = (
    "input_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "output_mtok",
    "output_reasoning_mtok",
    "requests_kcount",
)


class PriceBook:
    """The price of each model that is asked for, at the moment of the last `refresh`.

    Only the first question about a model after a refresh searches the table. Memory is bounded
    whatever names are asked for. `overrides` are keyed by upstream and model.
    """

    def __init__(
        self,
        overrides: Mapping[tuple[str, str], Price],
        upstreams: Iterable[Upstream],
        now: datetime,
    ) -> None:
        self._overrides = dict(overrides)
        self._providers = {upstream.name: provider_at(_address(upstream)) for upstream in upstreams}
        self._now = now
        self._known = lru_cache(maxsize=MODELS)(self._resolve)

    def refresh(self, now: datetime) -> None:
        """Resolve anew from here on, since prices change by date and by time of day."""
        self._now = now
        self._known.cache_clear()

    def find(
        self, upstream: str, dialect: Dialect, asked: str, answered: str | None = None
    ) -> Price | None:
        """The price of a model as it was asked for and, where known, as the answer named it.

        An override of either name wins; then the table's entry for the answered name, which says
        what was charged, and for the asked one. None where nothing says a price.
        """
        if self._overrides and (own := self._override(upstream, asked, answered)):
            return own
        if answered is not None and (found := self._in_table(upstream, dialect, answered)):
            return found
        return self._in_table(upstream, dialect, asked)

    def _override(self, upstream: str, asked: str, answered: str | None) -> Price | None:
        own = self._overrides.get((upstream, asked))
        if own is None and answered is not None:
            own = self._overrides.get((upstream, answered))
        return own

    def _in_table(self, upstream: str, dialect: Dialect, model: str) -> Price | None:
        return self._known(upstream, dialect, model) if len(model) <= LONGEST_NAME else None

    def _resolve(self, upstream: str, dialect: Dialect, model: str) -> Price | None:
        provider = self._providers.get(upstream) or provider_of(dialect)
        return price_of(model, provider, self._now) if provider else None


def provider_at(address: str) -> str | None:
    """genai-prices' name of the provider that serves this base URL, None for one's own server."""
    for provider in get_snapshot().providers:
        if re.match(provider.api_pattern, address):
            return provider.id
    return None


def provider_of(dialect: Dialect) -> str | None:
    """The provider whose API a dialect is, for servers that the table does not know.

    Ollama serves models on one's own machine: they have no price per token.
    """
    match dialect:
        case Dialect.OPENAI:
            return "openai"
        case Dialect.ANTHROPIC:
            return "anthropic"
        case Dialect.GEMINI:
            return "google"
        case Dialect.OLLAMA:
            return None
        case _:
            assert_never(dialect)


def price_of(model: str, provider_id: str, now: datetime) -> Price | None:
    """The table's price of a model at a provider, None where it has no price per token.

    It avoids calc_price and the snapshot's own look-up, whose caches keep every name ever asked.
    """
    providers = get_snapshot().providers
    provider = find_provider_by_id(providers, provider_id)
    found = provider.find_model(model, all_providers=providers) if provider else None
    if provider is None or found is None:
        return None
    listed = found.get_prices(now)
    if listed.input_mtok is None and listed.output_mtok is None:
        return None
    tiers = [Tier(above=bound, rates=_rates(listed, bound + 1)) for bound in _bounds(listed)]
    source = f"{provider.id}/{found.id}"
    return Price(rates=_rates(listed, 0), tiers=tuple(tiers), source=source)


def _address(upstream: Upstream) -> str:
    return f"{'https' if upstream.tls else 'http'}://{upstream.host}{upstream.path}"


def _rates(listed: ModelPrice, tokens: int) -> Rates:
    """The rates of a request with so many input tokens; a part without its own has its whole's."""
    fresh = _at(listed.input_mtok, tokens, otherwise=0)
    spoken = _at(listed.output_mtok, tokens, otherwise=0)
    return Rates(
        input=fresh,
        cached_input=_at(listed.cache_read_mtok, tokens, otherwise=fresh),
        cache_write=_at(listed.cache_write_mtok, tokens, otherwise=fresh),
        output=spoken,
        reasoning=_at(listed.output_reasoning_mtok, tokens, otherwise=spoken),
        request=_at(listed.requests_kcount, tokens, otherwise=0) * PER_THOUSAND,
    )


def _at(listed: Decimal | TieredPrices | None, tokens: int, *, otherwise: int) -> int:
    if listed is None:
        return otherwise
    if isinstance(listed, Decimal):
        return per_token(listed)
    passed = [tier.price for tier in listed.tiers if tokens > tier.start]
    return per_token(passed[-1] if passed else listed.base)


def _bounds(listed: ModelPrice) -> list[int]:
    """Where any kind's price changes, ascending."""
    kinds = (getattr(listed, kind) for kind in _KINDS)
    tiered = (kind for kind in kinds if isinstance(kind, TieredPrices))
    return sorted({tier.start for kind in tiered for tier in kind.tiers})
