"""What an upstream gets to see: constant bytes of its own, and no one else's credentials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.http.http1 import read_request
from proxy.policy import Auth, Secret, Upstream
from proxy.routing.destination import CREDENTIALS, PRIVATE, Destination, without_key
from tests.doubles.requests import get
from tests.doubles.worker import upstream

KEY = Secret("sk-CANARY-own")
CALLERS = (
    b"Authorization: Bearer sk-CANARY-caller",
    b"x-api-key: sk-CANARY-caller",
    b"api-key: sk-CANARY-caller",
    b"X-Goog-Api-Key: sk-CANARY-caller",
)
PERSONAL = (b"Cookie: a=sk-CANARY-cookie", b"OpenAI-Organization: org-1", b"openai-project: p-1")


def sent(
    up: Upstream,
    *lines: bytes,
    target: bytes = b"/v1/models",
    tokens: bool = False,
    foreign: bool = False,
    plain: bool = False,
) -> bytes:
    head = read_request(get(target, *lines))
    return Destination(up, clients_have_tokens=tokens).head(
        head, target, foreign=foreign, plain=plain
    )


@pytest.mark.parametrize(
    ("changes", "host"),
    [
        ({"host": "api.openai.com", "port": 443, "tls": True}, b"api.openai.com"),
        ({"host": "api.openai.com", "port": 8443, "tls": True}, b"api.openai.com:8443"),
        ({"host": "a", "port": 80}, b"a"),
        ({"host": "a", "port": 443}, b"a:443"),
        ({"host": "::1", "port": 9000}, b"[::1]:9000"),
        ({"host": "a", "port": 7, "socket": "/x.sock"}, b"a"),
    ],
)
def test_the_host_is_the_upstreams_own(changes: dict[str, object], host: bytes) -> None:
    assert sent(upstream(**changes)) == b"GET /v1/models HTTP/1.1\r\nHost: " + host + b"\r\n"


def test_the_upstreams_path_stands_before_the_requests() -> None:
    head = sent(upstream(path="/openai/v2"), target=b"/v1/x?y=1")
    assert head.startswith(b"GET /openai/v2/v1/x?y=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("auth", "line"),
    [
        (Auth.BEARER, b"authorization: Bearer sk-CANARY-own\r\n"),
        (Auth.X_API_KEY, b"x-api-key: sk-CANARY-own\r\n"),
        (Auth.API_KEY, b"api-key: sk-CANARY-own\r\n"),
        (Auth.X_GOOG_API_KEY, b"x-goog-api-key: sk-CANARY-own\r\n"),
    ],
)
def test_an_own_key_replaces_every_credential_of_the_caller(auth: Auth, line: bytes) -> None:
    head = sent(upstream(key=KEY, auth=auth), *CALLERS, target=b"/v1/x?key=sk-CANARY-caller&b=1")
    assert line in head
    assert b"CANARY-caller" not in head
    assert head.startswith(b"GET /v1/x?b=1 HTTP/1.1\r\n")


def test_without_an_own_key_the_callers_credentials_pass() -> None:
    head = sent(upstream(), *CALLERS, *PERSONAL, target=b"/v1/x?key=sk-CANARY-caller")
    assert all(line + b"\r\n" in head for line in (*CALLERS, *PERSONAL))
    assert head.startswith(b"GET /v1/x?key=sk-CANARY-caller HTTP/1.1\r\n")


def test_client_tokens_are_for_crossfade_alone() -> None:
    assert b"CANARY-caller" not in sent(upstream(), *CALLERS, tokens=True)


@pytest.mark.parametrize("key", [None, KEY])
def test_a_foreign_upstream_gets_nothing_personal(key: Secret | None) -> None:
    target = b"/v1/x?key=sk-CANARY-caller"
    head = sent(upstream(key=key), *CALLERS, *PERSONAL, target=target, foreign=True)
    lines = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line}
    own = {b"authorization"} if key else set()
    assert lines & (CREDENTIALS | PRIVATE) == own
    assert b"CANARY-c" not in head


def test_an_answer_in_plain_is_asked_for_in_place_of_the_callers_wish() -> None:
    head = sent(upstream(), b"Accept-Encoding: gzip", plain=True)
    assert head.count(b"ncoding") == 1
    assert b"accept-encoding: identity\r\n" in head
    assert b"Accept-Encoding: gzip\r\n" in sent(upstream(), b"Accept-Encoding: gzip")


def test_the_same_head_serves_several_destinations() -> None:
    """Heads are remembered with what was made of them; one upstream's must not be another's."""
    head = read_request(get(b"/v1/x", *CALLERS))
    first = Destination(upstream("a", key=KEY), clients_have_tokens=False)
    second = Destination(upstream("b"), clients_have_tokens=False)
    forms = [
        one.head(head, b"/v1/x", foreign=foreign, plain=plain)
        for _ in range(2)
        for one in (first, second)
        for foreign in (False, True)
        for plain in (False, True)
    ]
    assert forms[:8] == forms[8:]
    assert [b"CANARY-own" in form for form in forms[:8]] == [True] * 4 + [False] * 4
    assert [b"CANARY-caller" in form for form in forms[:8]] == [False] * 4 + [True] * 2 + [
        False
    ] * 2


def test_what_is_remembered_of_a_head_is_bounded() -> None:
    head = read_request(get(b"/v1/x"))
    one = Destination(upstream(), clients_have_tokens=False)
    for number in range(100):
        one.head(head, b"/v1/%d" % number, foreign=False, plain=False)
    assert len(head.sent) < 20


@pytest.mark.parametrize(
    ("target", "left"),
    [
        (b"/a?key=1", b"/a"),
        (b"/a?b=1&key=1&c=2", b"/a?b=1&c=2"),
        (b"/a?KEY=1&Key=2&key", b"/a"),
        (b"/a?%6bey=1&ke%79=2", b"/a"),
        (b"/a?keys=1&b=key&&x", b"/a?keys=1&b=key&&x"),
        (b"/a?", b"/a?"),
        (b"/key=1", b"/key=1"),
    ],
)
def test_the_query_parameter_key_is_taken_out(target: bytes, left: bytes) -> None:
    assert without_key(target) == left


@given(st.lists(st.sampled_from([b"key=1", b"a=1", b"key", b"", b"%6Bey=2", b"b"]), max_size=6))
def test_no_spelling_of_the_key_is_left(parts: list[bytes]) -> None:
    left = without_key(b"/a?" + b"&".join(parts))
    assert not {b"key=1", b"key", b"%6Bey=2"} & set(left.partition(b"?")[2].split(b"&"))
    assert without_key(left) == left


def test_tls_checks_chain_and_name() -> None:
    context = Destination(upstream(tls=True), clients_have_tokens=False).tls
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
    assert context.minimum_version.name == "TLSv1_2"
    assert Destination(upstream(), clients_have_tokens=False).tls is None


def test_a_ca_file_that_is_not_there_is_found_at_the_start() -> None:
    with pytest.raises(OSError, match="No such file"):
        Destination(upstream(tls=True, ca_file="/nowhere.pem"), clients_have_tokens=False)


def test_an_own_key_is_known() -> None:
    assert Destination(upstream(key=KEY), clients_have_tokens=False).own_key
    assert not Destination(upstream(), clients_have_tokens=False).own_key
