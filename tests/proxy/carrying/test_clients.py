"""Who may use the listener."""

from __future__ import annotations

import pytest

from proxy.carrying.clients import Clients
from proxy.http.head import RequestHead
from proxy.http.http1 import read_request
from proxy.policy import Secret
from tests.doubles.requests import get

TOKEN = "sk-CANARY-client"
OTHER = "sk-CANARY-other+/="


def holders(*tokens: str) -> Clients:
    return Clients(tuple(map(Secret, tokens or (TOKEN, OTHER))))


def asked(*lines: bytes, target: bytes = b"/v1/models") -> RequestHead:
    return read_request(get(target, *lines))


def test_without_tokens_the_listener_is_open_to_all() -> None:
    clients = Clients(None)
    assert not clients.have_tokens
    assert clients.admit(asked())


def test_a_token_is_needed_where_there_are_some() -> None:
    clients = holders()
    assert clients.have_tokens
    assert not clients.admit(asked())


def test_no_token_at_all_means_that_nobody_may() -> None:
    clients = Clients(())
    assert clients.have_tokens
    assert not clients.admit(asked(b"Authorization: Bearer "))


@pytest.mark.parametrize(
    "line",
    [
        b"Authorization: Bearer sk-CANARY-client",
        b"AUTHORIZATION: bearer   sk-CANARY-client",
        b"Authorization: sk-CANARY-client",
        b"X-Api-Key: sk-CANARY-client",
        b"x-api-key: Bearer sk-CANARY-client",
        b"api-key: sk-CANARY-client",
        b"x-goog-api-key: sk-CANARY-client",
    ],
)
def test_a_token_may_stand_where_sdks_put_their_key(line: bytes) -> None:
    assert holders().admit(asked(line))


@pytest.mark.parametrize(
    "query",
    [
        b"key=sk-CANARY-client",
        b"alt=sse&key=sk-CANARY-client",
        b"k%65y=sk%2DCANARY-client",
        b"key=sk-CANARY-other%2B/=",
    ],
)
def test_a_token_may_stand_in_the_query_as_geminis_does(query: bytes) -> None:
    assert holders().admit(asked(target=b"/v1beta/models?" + query))


@pytest.mark.parametrize("query", [b"", b"key", b"key=", b"keys=sk-CANARY-client", b"&"])
def test_another_query_is_no_token(query: bytes) -> None:
    assert not holders().admit(asked(target=b"/v1beta/models?" + query))


@pytest.mark.parametrize(
    "line",
    [
        b"Authorization: Bearer sk-CANARY-clien",
        b"Authorization: Bearer sk-CANARY-client-",
        b"Authorization: Bearer SK-CANARY-CLIENT",
        b"Authorization: Basic sk-CANARY-client",
        b"Authorization: Bearer",
        b"Cookie: sk-CANARY-client",
        b"Proxy-Authorization: Bearer sk-CANARY-client",
    ],
)
def test_nothing_but_a_whole_token_in_its_place_will_do(line: bytes) -> None:
    assert not holders().admit(asked(line))


def test_one_good_token_among_others_is_enough() -> None:
    lines = (b"x-api-key: something", b"Authorization: Bearer sk-CANARY-client")
    assert holders().admit(asked(*lines))


def test_tokens_are_not_kept_as_text() -> None:
    assert TOKEN not in repr(vars(holders()))
    assert TOKEN.encode() not in repr(vars(holders())).encode()
