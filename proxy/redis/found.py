"""The address of a Redis with its secrets, which the environment and files hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from proxy import keys
from proxy.errors import Invalid
from proxy.keys import Unfit
from proxy.policy import Secret
from proxy.redis.address import Address, Trust, parse
from proxy.redis.at import RedisAt


def found(at: RedisAt, environ: Mapping[str, str]) -> Address:
    """Raises Unfit, or Unset for a variable that is not set; neither repeats a secret. Blocks."""
    address = _named(at, environ)
    password = _password(at, environ)
    sentinels = at.sentinel_password_env
    return replace(
        address,
        password=address.password if password is None else password,
        sentinel_password=None if sentinels is None else keys.from_environment(sentinels, environ),
        trust=Trust(
            ca_file=_readable("ca_file", at.ca_file),
            cert_file=_readable("cert_file", at.cert_file),
            cert_key_file=_readable("cert_key_file", at.cert_key_file),
        ),
    )


def _named(at: RedisAt, environ: Mapping[str, str]) -> Address:
    if at.url_env is None:
        assert at.url is not None, "one of the two is there"
        return parse(at.url)
    try:
        address = parse(keys.from_environment(at.url_env, environ).reveal())
        at.check(address)
    except Unfit:
        raise
    except Invalid as error:
        raise Unfit(f"the value of {at.url_env} cannot be used: {error}") from None
    return address


def _password(at: RedisAt, environ: Mapping[str, str]) -> Secret | None:
    if at.password_env is not None:
        return keys.from_environment(at.password_env, environ)
    return None if at.password_file is None else keys.from_file(Path(at.password_file))


def _readable(field: str, path: str | None) -> Path | None:
    if path is None:
        return None
    try:
        with Path(path).open("rb"):
            return Path(path)
    except OSError as failure:
        raise Unfit(f"the store's {field} cannot be read: {failure.strerror}") from None
