"""A Redis with its secrets: found in the environment and in files, or refused untold."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.keys import Unfit, Unset
from proxy.redis.at import RedisAt
from proxy.redis.found import found

CANARY = "sk-CANARY-found"


def test_a_url_alone_needs_nothing() -> None:
    assert found(RedisAt(url="redis://h"), {}).password is None


def test_passwords_are_found_where_they_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{CANARY}\n")
    for at in (
        RedisAt(url="redis://h", password_env="P"),
        RedisAt(url="redis://h", password_file=str(tmp_path / "password")),
        RedisAt(url_env="U"),
    ):
        password = found(at, {"P": CANARY, "U": f"redis://:{CANARY}@h"}).password
        assert password is not None
        assert password.reveal() == CANARY


@pytest.mark.parametrize(
    "at",
    [
        RedisAt(url_env="X"),
        RedisAt(url="redis://h", password_env="X"),
        RedisAt(url="redis+sentinel://h/main", sentinel_password_env="X"),
    ],
)
def test_a_variable_that_is_not_set_is_named(at: RedisAt) -> None:
    with pytest.raises(Unset, match="the environment variable X is not set"):
        found(at, {})


@pytest.mark.parametrize("value", [f"http://{CANARY}", f"redis://{CANARY}:{CANARY}@a,b"])
def test_a_url_that_cannot_be_used_is_not_repeated(value: str) -> None:
    with pytest.raises(Unfit, match="the value of U cannot be used") as refused:
        found(RedisAt(url_env="U"), {"U": value})
    assert CANARY not in str(refused.value)


def test_certificates_are_checked_once_the_url_is_known(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    at = RedisAt(url_env="U", ca_file=str(authority))
    assert found(at, {"U": "rediss://h"}).trust.ca_file == authority
    with pytest.raises(Unfit, match="certificates are for rediss"):
        found(at, {"U": "redis://h"})
    authority.unlink()
    with pytest.raises(Unfit, match="the store's ca_file cannot be read: No such file"):
        found(at, {"U": "rediss://h"})
