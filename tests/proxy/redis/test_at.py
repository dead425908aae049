"""Where a process finds its Redis, as bytes that cross a pipe and hold no secret."""

from __future__ import annotations

import msgspec
import pytest

from proxy.errors import Invalid
from proxy.redis.at import RedisAt


def test_it_crosses_a_pipe() -> None:
    at = RedisAt(url="rediss://me@h", password_env="P", ca_file="/ca.pem")
    assert msgspec.json.decode(msgspec.json.encode(at), type=RedisAt) == at


@pytest.mark.parametrize(
    "text",
    [
        b'{"url":"redis://me:sk-CANARY-at@h"}',
        b'{"url":"redis://h","password":"sk-CANARY-at"}',
        b'{"url":"redis://h","password_file":"relative"}',
        b'{"url":"redis://h","password_env":"lower"}',
        b'{"url":"http://h"}',
        b"{}",
    ],
)
def test_a_secret_or_half_a_place_does_not_cross(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(text, type=RedisAt)
    assert "CANARY" not in str(refused.value)


def test_what_a_variable_holds_is_checked_when_it_is_known() -> None:
    RedisAt(url_env="U", ca_file="/ca.pem")
    with pytest.raises(Invalid, match="either url or url_env"):
        RedisAt(url="redis://h", url_env="U")
