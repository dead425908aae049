"""The settings say all but secrets, mean the same when read again, and refuse the unsound."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.numbers.prices import override
from proxy.policy import Auth, Dialect, Limits
from proxy.running.settings import (
    MAX_SETTINGS,
    PriceSettings,
    Settings,
    TokensAt,
    UpstreamSettings,
    decode,
    encode,
)

CANARY = "sk-CANARY-settings"
KEYED = UpstreamSettings(
    name="openai", dialect=Dialect.OPENAI, host="api.openai.com", port=443, tls=True, key_env="KEY"
)
OWN = UpstreamSettings(name="own", dialect=Dialect.OLLAMA, host="127.0.0.1", port=11_434)
WHOLE = Settings(
    environment="production",
    listen=("127.0.0.1:8080", "unix:/run/crossfade.sock"),
    state_dir="/var/lib/crossfade",
    clients=TokensAt(tokens_env="TOKENS"),
    limits=Limits(max_streams=7, drain_timeout=0.5),
    upstreams=(
        KEYED,
        OWN,
        UpstreamSettings(
            name="full",
            dialect=Dialect.ANTHROPIC,
            host="api.anthropic.com",
            port=80,
            path="/prefix",
            socket="/run/up.sock",
            auth=Auth.X_API_KEY,
            inject_usage=True,
            ca_file="/etc/ca.pem",
            key_file="/etc/key",
        ),
    ),
    prices=(
        PriceSettings(
            upstream="openai",
            model="gpt-4o-mini",
            input=Decimal("0.15"),
            output=Decimal("0.60"),
            cached_input=Decimal("0.075"),
        ),
    ),
)


def changed(place: str, value: object) -> bytes:
    """The whole document with another value at a place, such as `upstreams.0.port`."""
    tree = msgspec.json.decode(encode(WHOLE))
    inner = tree
    *way, last = (int(part) if part.isdigit() else part for part in place.split("."))
    for part in way:
        inner = inner[part]
    inner[last] = value
    return msgspec.json.encode(tree)


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        decode(data)
    assert "CANARY" not in str(refused.value)
    return str(refused.value)


def test_what_is_written_is_read_again() -> None:
    assert decode(encode(WHOLE)) == WHOLE


@given(
    limits=st.builds(
        Limits, max_streams=st.integers(1, 10**6), drain_timeout=st.floats(0.001, 10**6)
    ),
    price=st.decimals(0, 1_000, places=6),
    listen=st.lists(st.sampled_from(["127.0.0.1:0", "[::1]:1", "unix:/x"]), min_size=1, max_size=3),
)
def test_numbers_are_read_again_exactly(limits: Limits, price: Decimal, listen: list[str]) -> None:
    settings = msgspec.structs.replace(
        WHOLE,
        limits=limits,
        listen=tuple(listen),
        prices=(PriceSettings(upstream="own", model="m", input=price, output=price),),
    )
    assert decode(encode(settings)) == settings


def test_a_price_is_the_one_that_costs_are_counted_with() -> None:
    assert WHOLE.prices[0].price() == override(input="0.15", output="0.60", cached_input="0.075")


def test_whether_an_upstream_has_a_key_is_known_without_it() -> None:
    assert [upstream.keyed for upstream in WHOLE.upstreams] == [True, False, True]


@pytest.mark.parametrize(
    "place",
    [
        "clients",
        "clients.tokens_env",
        "limits",
        "limits.max_body",
        "prices.0.input",
        "prices.0.upstream",
        "upstreams",
        "upstreams.0",
        "upstreams.0.auth",
        "upstreams.0.dialect",
        "upstreams.0.key_env",
        "upstreams.0.key_file",
        "upstreams.0.path",
        "upstreams.0.port",
        "upstreams.0.tls",
        "state_dir",
    ],
)
def test_a_key_that_is_pasted_anywhere_is_refused_and_not_repeated(place: str) -> None:
    assert refusal(changed(place, CANARY)).startswith("the settings are not valid: ")


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("wrokers", 1, "unknown field `wrokers`"),
        ("limits.max_bdy", 1, "unknown field `max_bdy` - at `$.limits`"),
        ("limits.max_body", 0, "limits.max_body must be more than 0"),
        ("upstreams.0.key", "x", "unknown field `key`"),
        ("upstreams.0.dialect", "cohere", "not one of the known words - at `$.upstreams[0]"),
        ("upstreams.0.port", 0, "Expected `int` >= 1"),
        ("upstreams.0.host", "a\r\nx-evil: 1", "matching regex"),
        ("upstreams.0.path", "/trailing/", "matching regex"),
        ("upstreams.0.key_file", "/key", "key_env and key_file are both given"),
        ("upstreams.1.name", "openai", "two upstreams have the same name"),
        ("upstreams", [], "length >= 1"),
        ("listen", [], "length >= 1"),
        ("state_dir", "relative", "matching regex"),
        ("prices.0.upstream", "absent", "a price is of an upstream that is not listed"),
        ("prices.0.input", "-1", "a price is 0 to"),
        ("clients", "closed", "not one of the known words"),
    ],
)
def test_what_is_unsound_is_refused_by_its_place(place: str, value: object, says: str) -> None:
    assert says in refusal(changed(place, value))


@pytest.mark.parametrize("missing", ["clients", "listen", "state_dir", "upstreams", "environment"])
def test_nothing_that_matters_has_a_silent_default(missing: str) -> None:
    tree = msgspec.json.decode(encode(WHOLE))
    del tree[missing]
    assert f"missing required field `{missing}`" in refusal(msgspec.json.encode(tree))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff", b'{"environment": "\xff"}', b"[" * 100_000, b"null"]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    refusal(data)


def test_an_endless_document_is_refused() -> None:
    assert "larger than 1024 KiB" in refusal(b" " * (MAX_SETTINGS + 1))


@pytest.mark.parametrize(
    ("listen", "clients", "upstream", "refused"),
    [
        ("0.0.0.0:80", None, KEYED, True),
        ("[::]:80", None, KEYED, True),
        ("example.com:80", None, KEYED, True),
        ("10.0.0.1:80", None, OWN, False),
        ("0.0.0.0:80", "open", KEYED, False),
        ("0.0.0.0:80", TokensAt(tokens_env="T"), KEYED, False),
        ("127.0.0.1:80", None, KEYED, False),
        ("127.9.9.9:80", None, KEYED, False),
        ("[::1]:80", None, KEYED, False),
        ("localhost:80", None, KEYED, False),
        ("unix:/run/x", None, KEYED, False),
    ],
)
def test_there_is_no_open_relay_by_accident(
    listen: str, clients: TokensAt | None, upstream: UpstreamSettings, refused: bool
) -> None:
    def settings() -> Settings:
        return Settings(
            environment="e",
            listen=("127.0.0.1:1", listen),
            state_dir="/s",
            clients=clients,
            upstreams=(upstream,),
        )

    if not refused:
        settings()
        return
    with pytest.raises(Invalid, match="clients is not spelt out"):
        settings()
