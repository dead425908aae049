"""Who may call: hosts, origins and tokens, each header odd in turn."""

from __future__ import annotations

import pytest

from control.api.errors import FORBIDDEN_HOST, FORBIDDEN_ORIGIN, UNAUTHORIZED, Rejected, Row
from control.api.guard import Guard, guard_for
from control.roles import Role
from proxy.policy import Secret

TOKEN = "sk-CANARY-admin"
LOCAL = guard_for("127.0.0.1:8081", {})
TOKENED = guard_for("0.0.0.0:8081", {Role.OWNER: Secret(TOKEN)})
ROLES = guard_for("0.0.0.0:8081", {role: Secret(f"{TOKEN}-{role}") for role in Role})
HERE = ("Host", "127.0.0.1:8081")


def verdict(
    guard: Guard, *headers: tuple[str, str], method: str = "GET", path: str = "/api/migrations"
) -> Row | None:
    try:
        guard.admit(method, path, headers)
    except Rejected as rejection:
        return rejection.row
    return None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8081", "localhost", "LocalHost:1", "[::1]", "[::1]:8081"],
)
def test_loopback_names_are_let_in(host: str) -> None:
    assert verdict(LOCAL, ("Host", host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.",
        "evil@127.0.0.1",
        "127.0.0.1/evil",
        "127.0.0.1:80:80",
        "127.0.0.1 evil",
        "[::1",
        "::1",
        "127.0.0.2",
    ],
)
def test_a_rebound_name_is_turned_away(host: str) -> None:
    assert verdict(LOCAL, ("Host", host)) is FORBIDDEN_HOST


def test_no_host_and_two_hosts_are_turned_away() -> None:
    assert verdict(LOCAL) is FORBIDDEN_HOST
    assert verdict(LOCAL, HERE, HERE) is FORBIDDEN_HOST


def test_the_address_that_it_listens_at_is_a_name_of_it() -> None:
    guard = guard_for("127.0.0.2:8081", {})
    assert verdict(guard, ("Host", "127.0.0.2:8081")) is None


def test_a_unix_socket_is_called_localhost() -> None:
    guard = guard_for("unix:/run/crossfade.sock", {})
    assert verdict(guard, ("Host", "localhost")) is None
    assert verdict(guard, ("Host", "unix")) is FORBIDDEN_HOST


def test_beyond_loopback_any_name_will_do_and_the_token_decides() -> None:
    host = ("Host", "crossfade.internal:8081")
    assert verdict(TOKENED, host) is UNAUTHORIZED
    assert verdict(TOKENED, host, ("Authorization", f"Bearer {TOKEN}")) is None


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Bearer wrong")],
        [("Authorization", f"Bearer {TOKEN}x")],
        [("Authorization", f"Bearer {TOKEN[:-1]}")],
        [("Authorization", f"Basic {TOKEN}")],
        [("Authorization", TOKEN)],
        [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")],
        [("X-Api-Key", TOKEN)],
        [("Authorization", "Bearer \udcff")],
    ],
)
def test_without_the_token_nothing_is_let_in(sent: list[tuple[str, str]]) -> None:
    for path in ("/", "/api/migrations", "/metrics", "/nowhere", "/healthz/", "/readyz/.."):
        assert verdict(TOKENED, HERE, *sent, path=path) is UNAUTHORIZED


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_token_is_let_in(scheme: str) -> None:
    assert verdict(TOKENED, HERE, ("authorization", f"{scheme} {TOKEN}")) is None


@pytest.mark.parametrize("role", Role)
def test_a_token_is_its_roles(role: Role) -> None:
    sent = (HERE, ("Authorization", f"Bearer {TOKEN}-{role}"))
    assert ROLES.admit("GET", "/api/migrations", sent) is role


def test_where_no_token_is_set_everybody_is_the_owner() -> None:
    assert LOCAL.admit("GET", "/", (HERE,)) is Role.OWNER


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_token(path: str) -> None:
    assert TOKENED.admit("GET", path, (HERE,)) is Role.VIEWER


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8082", "https://evil.example", "null", "", "file://127.0.0.1:8081"],
)
def test_pages_of_another_origin_are_turned_away(origin: str) -> None:
    for method in ("GET", "POST"):
        found = verdict(LOCAL, HERE, ("Origin", origin), method=method)
        assert found is FORBIDDEN_ORIGIN


def test_pages_of_this_origin_are_let_in() -> None:
    sent = (HERE, ("Origin", "http://127.0.0.1:8081"), ("Sec-Fetch-Site", "same-origin"))
    assert verdict(LOCAL, *sent, method="POST") is None


@pytest.mark.parametrize("site", ["cross-site", "same-site", "odd"])
def test_a_browser_that_names_another_site_is_turned_away(site: str) -> None:
    fetch = (HERE, ("Sec-Fetch-Site", site))
    assert verdict(LOCAL, *fetch) is FORBIDDEN_ORIGIN
    assert verdict(LOCAL, *fetch, ("Sec-Fetch-Mode", "navigate")) is None
    assert verdict(LOCAL, *fetch, ("Sec-Fetch-Mode", "navigate"), method="POST") is FORBIDDEN_ORIGIN


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(TOKENED)
