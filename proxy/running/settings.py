"""What a data plane is built from, as one document that holds no secret."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Literal, TypeAlias

import msgspec

from proxy.errors import Invalid
from proxy.numbers.prices import Price, override
from proxy.policy import KIB, Auth, Dialect, Limits
from proxy.redis.at import RedisAt

MAX_SETTINGS = 1024 * KIB

_Text: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+$")]
_Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
_Path: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^/[^\x00]+$")]
_Variable: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Z_][A-Z0-9_]{0,127}$")]


class TokensAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The environment variable that holds the clients' tokens."""

    tokens_env: _Variable


class UpstreamSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """An upstream as `policy.Upstream` has it, with the place of its key in place of the key."""

    name: _Name
    dialect: Dialect
    host: _Text
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    tls: bool = False
    path: Annotated[str, msgspec.Meta(pattern=r"^(/[!-~]*[!-.0-~])?$")] = ""
    socket: _Path | None = None
    auth: Auth = Auth.BEARER
    inject_usage: bool = False
    ca_file: _Path | None = None
    key_env: _Variable | None = None
    key_file: _Path | None = None

    def __post_init__(self) -> None:
        if self.key_env is not None and self.key_file is not None:
            raise Invalid("key_env and key_file are both given")

    @property
    def keyed(self) -> bool:
        return self.key_env is not None or self.key_file is not None


class PriceSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A model's own price in USD per million tokens; what is absent costs what input does."""

    upstream: _Name
    model: str
    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None

    def __post_init__(self) -> None:
        self.price()

    def price(self) -> Price:
        """The price as costs are counted with it."""
        return override(
            input=self.input,
            output=self.output,
            cached_input=self.cached_input,
            cache_write=self.cache_write,
        )


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One data plane: where it listens, what it calls, what it keeps, and within which bounds.

    Secrets are named by their variable or file. Paths are absolute, so that the document means the
    same to every process of the host. Refused: an address beyond loopback while an upstream has a
    key and `clients` is null, which would be an open relay by accident.
    """

    environment: str
    listen: Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1, max_length=16)]
    state_dir: _Path
    clients: Literal["open"] | TokensAt | None
    store: Literal["embedded"] | RedisAt = "embedded"
    upstreams: Annotated[tuple[UpstreamSettings, ...], msgspec.Meta(min_length=1)]
    limits: Limits = Limits()
    prices: tuple[PriceSettings, ...] = ()

    def __post_init__(self) -> None:
        names = {upstream.name for upstream in self.upstreams}
        if len(names) != len(self.upstreams):
            raise Invalid("two upstreams have the same name")
        if any(price.upstream not in names for price in self.prices):
            raise Invalid("a price is of an upstream that is not listed")
        exposed = not all(_is_loopback(address) for address in self.listen)
        if exposed and self.clients is None and any(one.keyed for one in self.upstreams):
            raise Invalid(
                "it listens beyond loopback while an upstream has a key, and clients is not spelt"
                " out"
            )


def encode(settings: Settings) -> bytes:
    """The document's bytes: JSON, indented for readers."""
    return msgspec.json.format(msgspec.json.encode(settings)) + b"\n"


def decode(data: bytes) -> Settings:
    """The settings. Raises Invalid, which says what and where, and repeats no value."""
    if len(data) > MAX_SETTINGS:
        raise Invalid(f"the settings are larger than {MAX_SETTINGS // KIB} KiB")
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the settings are not valid: {_said(error)}") from None


_decoder = msgspec.json.Decoder(Settings)


def _said(error: Exception) -> str:
    """What is wrong. msgspec quotes a word that it does not know: it may be a key out of place."""
    reason, at, place = str(error).rpartition(" - at ")
    return f"not one of the known words{at}{place}" if "enum value" in reason else str(error)


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    if address.startswith("unix:") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
