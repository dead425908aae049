"""Where a process finds its Redis, as words that hold no secret: they cross files and pipes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from proxy.errors import Invalid
from proxy.redis.address import Address, parse

_Url: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,2048}$")]
_Path: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^/[^\x00]+$")]
_Variable: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Z_][A-Z0-9_]{0,127}$")]


class RedisAt(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A Redis by its URL, or by the variable that holds one, and where its passwords are found.

    Refused: a `url` with a password in it, two places for one thing, and certificates without TLS.
    """

    url: _Url | None = None
    url_env: _Variable | None = None
    password_env: _Variable | None = None
    password_file: _Path | None = None
    sentinel_password_env: _Variable | None = None
    ca_file: _Path | None = None
    cert_file: _Path | None = None
    cert_key_file: _Path | None = None

    def __post_init__(self) -> None:
        if (self.url is None) == (self.url_env is None):
            raise Invalid("a Redis store has either url or url_env")
        if self.password_env is not None and self.password_file is not None:
            raise Invalid("password_env and password_file are both given")
        if (self.cert_file is None) != (self.cert_key_file is None):
            raise Invalid("cert_file and cert_key_file are given together or not at all")
        if self.url is not None:
            self.check(parse(self.url))

    def check(self, address: Address) -> None:
        """Raises Invalid where this and what the URL says do not fit together."""
        if self.url is not None and address.password is not None:
            raise Invalid("the store's URL holds a password: write password_env or url_env")
        if address.password is not None and (self.password_env or self.password_file):
            raise Invalid("the store's password is in the URL and given apart")
        if not address.tls and (self.ca_file or self.cert_file):
            raise Invalid("certificates are for rediss:// and rediss+sentinel://")
        if address.master is None and self.sentinel_password_env:
            raise Invalid("sentinel_password_env is for redis+sentinel:// and rediss+sentinel://")
