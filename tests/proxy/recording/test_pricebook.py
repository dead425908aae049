"""proxy/recording/pricebook.py against genai-prices' own calc_price.

It differs on purpose in four places. A model with no price per token has no price instead of
costing nothing. A usage whose parts exceed their whole is charged instead of raising. Cache writes
are all charged at the five-minute rate and all tokens as text, since Usage does not tell them
apart. A price finer than a picodollar a token (some of OpenRouter's) is rounded to a whole one.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo
from hypothesis import given
from hypothesis import strategies as st

from proxy.exchange import Usage
from proxy.numbers.cost import cost_picousd
from proxy.numbers.prices import PICOUSD, Price, override
from proxy.policy import Dialect, Upstream
from proxy.recording.pricebook import (
    LONGEST_NAME,
    MODELS,
    PriceBook,
    price_of,
    provider_at,
    provider_of,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MAJOR = ("openai", "anthropic", "google")


def models_of(provider_id: str) -> list[ModelInfo]:
    """Its entries, less the few that do not answer to their own id."""
    provider = next(each for each in get_snapshot().providers if each.id == provider_id)
    return [model for model in provider.models if provider.find_model(model.id)]


MODELS_OF_MAJORS = [(provider, model.id) for provider in MAJOR for model in models_of(provider)]


def theirs(model: str, provider: str, usage: Usage, now: datetime) -> Decimal:
    """What genai-prices charges, in USD."""
    priced = genai_prices.Usage(
        input_tokens=usage.input,
        cache_read_tokens=usage.cached_input,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
        output_reasoning_tokens=usage.reasoning,
    )
    calculated = genai_prices.calc_price(
        priced, model, provider_id=provider, genai_request_timestamp=now
    )
    return calculated.total_price


def charged(price: Price, usage: Usage) -> Decimal:
    return Decimal(cost_picousd(price, usage)) / PICOUSD


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    sizes = st.integers(0, 20).flatmap(lambda bits: st.integers(0, 2**bits))
    cached, written, reasoning = draw(sizes), draw(sizes), draw(sizes)
    return Usage(
        input=draw(sizes) + cached + written,
        cached_input=cached,
        cache_write=written,
        output=draw(sizes) + reasoning,
        reasoning=reasoning,
    )


def usage_like(chance: random.Random, long: int) -> Usage:
    cached, written = chance.randrange(long), chance.randrange(long)
    reasoning = chance.randrange(long)
    return Usage(
        input=cached + written + chance.randrange(long),
        cached_input=cached,
        cache_write=written,
        output=reasoning + chance.randrange(long),
        reasoning=reasoning,
    )


def test_every_model_of_the_three_big_providers_costs_what_genai_prices_says() -> None:
    chance = random.Random("prices")
    unpriced = []
    for provider, model in MODELS_OF_MAJORS:
        price = price_of(model, provider, NOW)
        for long in (50, 5_000, 100_000, 400_000):
            usage = usage_like(chance, long)
            expected = theirs(model, provider, usage, NOW)
            if price is None:
                unpriced.append(model)
                assert expected == 0
            else:
                assert charged(price, usage) == expected, (provider, model, usage)
    assert len(set(unpriced)) < len(MODELS_OF_MAJORS) / 5


@given(st.sampled_from(MODELS_OF_MAJORS), usages(), st.integers(0, 2_000))
def test_any_usage_at_any_time_costs_what_genai_prices_says(
    named: tuple[str, str], usage: Usage, days: int
) -> None:
    provider, model = named
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days)
    price = price_of(model, provider, now)
    expected = theirs(model, provider, usage, now)
    assert (charged(price, usage) if price else 0) == expected


@pytest.mark.parametrize(
    ("model", "provider", "source"),
    [
        ("gpt-4o-2024-08-06", "openai", "openai/gpt-4o"),
        ("claude-sonnet-4-5-20250929", "anthropic", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-pro", "google", "google/gemini-2.5-pro"),
        ("gpt-4o", "azure", "azure/gpt-4o"),
    ],
)
def test_a_price_names_the_entry_that_it_was_matched_with(
    model: str, provider: str, source: str
) -> None:
    price = price_of(model, provider, NOW)
    assert price is not None
    assert price.source == source


@pytest.mark.parametrize(
    ("model", "provider"),
    [("no-such-model", "openai"), ("whisper-large-v3", "groq"), ("gpt-4o", "no-such-provider")],
)
def test_what_has_no_price_per_token_has_none_rather_than_nothing(
    model: str, provider: str
) -> None:
    assert price_of(model, provider, NOW) is None


def test_a_charge_per_request_is_part_of_the_price() -> None:
    usage = Usage(input=1_000, output=100)
    price = price_of("sonar", "perplexity", NOW)
    assert price is not None
    assert price.rates.request > 0
    assert charged(price, usage) == theirs("sonar", "perplexity", usage, NOW)


@pytest.mark.parametrize(
    ("upstream", "provider"),
    [
        (
            Upstream(name="a", dialect=Dialect.OPENAI, host="api.groq.com", port=443, tls=True),
            "groq",
        ),
        (
            Upstream(
                name="b",
                dialect=Dialect.OPENAI,
                host="router.huggingface.co",
                port=443,
                tls=True,
                path="/groq",
            ),
            "huggingface_groq",
        ),
    ],
)
def test_the_providers_address_decides_whose_price_holds(upstream: Upstream, provider: str) -> None:
    assert provider_at(f"https://{upstream.host}{upstream.path}") == provider
    model = models_of(provider)[0].id
    found = PriceBook({}, [upstream], NOW).find(upstream.name, upstream.dialect, model)
    assert found == price_of(model, provider, NOW)


@pytest.mark.parametrize(
    ("dialect", "provider"),
    [
        (Dialect.OPENAI, "openai"),
        (Dialect.ANTHROPIC, "anthropic"),
        (Dialect.GEMINI, "google"),
        (Dialect.OLLAMA, None),
    ],
)
def test_a_server_of_ones_own_is_priced_as_the_owner_of_its_dialect(
    dialect: Dialect, provider: str | None
) -> None:
    own = Upstream(name="own", dialect=dialect, host="127.0.0.1", port=9000)
    assert provider_of(dialect) == provider
    found = PriceBook({}, [own], NOW).find("own", dialect, "gpt-4o")
    assert found == (price_of("gpt-4o", provider, NOW) if provider else None)


def test_an_override_wins_over_the_table_whichever_name_it_is_for() -> None:
    ours = override(input=1, output=2)
    book = PriceBook({("openai", "gpt-4o"): ours, ("openai", "house-model"): ours}, [], NOW)
    assert book.find("openai", Dialect.OPENAI, "gpt-4o", "gpt-4o-2024-08-06") is ours
    assert book.find("openai", Dialect.OPENAI, "alias", "house-model") is ours
    assert book.find("openai", Dialect.OPENAI, "house-model") is ours
    assert book.find("other", Dialect.OPENAI, "gpt-4o") is not ours
    assert book.find("openai", Dialect.OPENAI, "gpt-4o-mini") is not ours


def test_the_answers_model_says_what_was_charged_and_the_asked_one_where_it_is_unknown() -> None:
    book = PriceBook({}, [], NOW)
    mini = price_of("gpt-4o-mini", "openai", NOW)
    assert book.find("o", Dialect.OPENAI, "gpt-4o", "gpt-4o-mini") == mini
    assert book.find("o", Dialect.OPENAI, "gpt-4o-mini", "deployment-7") == mini
    assert book.find("o", Dialect.OPENAI, "deployment-7") is None


def test_hostile_names_neither_grow_the_book_nor_the_library() -> None:
    book = PriceBook({}, [], NOW)
    snapshot = get_snapshot()
    before = len(snapshot._lookup_cache), len(snapshot._provider_cache)
    for number in range(MODELS + 50):
        book.find("o", Dialect.ANTHROPIC, f"gpt-{number}")
    book.find("o", Dialect.ANTHROPIC, "claude-" + "x" * LONGEST_NAME)
    assert book._known.cache_info().currsize == MODELS
    assert (len(snapshot._lookup_cache), len(snapshot._provider_cache)) == before


def test_a_name_too_long_to_be_a_models_has_no_price() -> None:
    book = PriceBook({}, [], NOW)
    assert book.find("o", Dialect.OPENAI, "gpt-4o-" + "x" * LONGEST_NAME) is None


def test_a_model_is_looked_up_once_until_the_book_is_refreshed() -> None:
    deepseek = Upstream(
        name="d", dialect=Dialect.OPENAI, host="api.deepseek.com", port=443, tls=True
    )
    night, day = (datetime(2025, 5, 1, hour, tzinfo=UTC) for hour in (20, 12))
    book = PriceBook({}, [deepseek], night)
    first = book.find("d", Dialect.OPENAI, "deepseek-chat")
    assert book.find("d", Dialect.OPENAI, "deepseek-chat") is first
    assert first == price_of("deepseek-chat", "deepseek", night)
    book.refresh(day)
    assert book.find("d", Dialect.OPENAI, "deepseek-chat") != first
