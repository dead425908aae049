"""The forms of a Redis URL, and everything that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Invalid
from proxy.redis.address import Address, parse

CANARY = "sk-CANARY-url"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h", Address(hosts=(("h", 6379),))),
        ("redis://h/", Address(hosts=(("h", 6379),))),
        ("redis://127.0.0.1:7/15", Address(hosts=(("127.0.0.1", 7),), database=15)),
        ("redis://[::1]:7", Address(hosts=(("::1", 7),))),
        ("rediss://me@h", Address(hosts=(("h", 6379),), tls=True, username="me")),
        ("redis://m%40e@h", Address(hosts=(("h", 6379),), username="m@e")),
        ("redis+unix:/run/redis.sock", Address(socket="/run/redis.sock")),
        ("redis+unix:///run/redis.sock", Address(socket="/run/redis.sock")),
        ("redis+sentinel://a,b:7/main", Address(hosts=(("a", 26379), ("b", 7)), master="main")),
        (
            "rediss+sentinel://me@a/main/2",
            Address(hosts=(("a", 26379),), master="main", database=2, tls=True, username="me"),
        ),
    ],
)
def test_every_form_has_its_meaning(url: str, address: Address) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "is not a Redis URL"),
        ("http://h", "is not a Redis URL"),
        ("redis:h", "is not a Redis URL"),
        ("redis://h ", "is not a Redis URL"),
        ("redis://h\r\n", "is not a Redis URL"),
        ("redis://h\u00e9", "is not a Redis URL"),
        ("redis://", "has a host that is no name"),
        ("redis://:7", "has a host that is no name"),
        ("redis://h:seven", "has a host that is no name"),
        ("redis://h:0", "has a port that is none"),
        ("redis://h:65536", "has a port that is none"),
        ("redis://h?db=1", "has a query"),
        ("redis://h#1", "has a query or a fragment"),
        ("redis://h/one", "names a database that is no number"),
        ("redis://h/1/2", "names a database that is no number"),
        ("redis://a,b", "names several hosts"),
        ("redis+sentinel://a", "does not name the Sentinels' master"),
        ("redis+sentinel://a/ma:in", "does not name the Sentinels' master"),
        ("redis+sentinel://a/main/x", "names a database that is no number"),
        ("redis+unix:run/redis.sock", "is not an absolute path"),
        ("redis+unix:/" + "x" * 100, "is not an absolute path"),
        ("redis+unix:/me@x", "is not an absolute path"),
    ],
)
def test_what_is_no_form_is_refused(url: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        parse(url)


def test_a_password_is_decoded_and_never_shown() -> None:
    address = parse("redis://me:sk-CANARY%3A%2F%40@h")
    assert address.password is not None
    assert address.password.reveal() == "sk-CANARY:/@"
    assert "CANARY" not in repr(address)


def test_a_password_alone_has_no_user() -> None:
    address = parse(f"redis://:{CANARY}@h")
    assert address.username is None
    assert address.password is not None
    assert parse("redis://me:@h").password is None


def shown(url: str) -> str:
    """All that anybody is told of a URL."""
    try:
        return repr(parse(url))
    except Invalid as error:
        return str(error)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_neither_an_address_nor_a_refusal_shows_the_password(rest: str) -> None:
    assert CANARY not in shown(f"redis://me:{CANARY}@{rest}")
