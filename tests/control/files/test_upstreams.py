"""Upstreams go to the data plane complete, and only those that can be called."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files.check import check
from control.files.config_file import ConfigSheet
from control.files.config_secrets import Secrets
from control.files.upstreams import upstreams, usual_auth
from control.files.written import parse
from proxy.policy import Auth, Dialect, Secret, Upstream

KEY = Secret("sk-CANARY-upstreams")


def built(
    fields: str, folder: Path = Path(), *, key: Secret | None = None
) -> tuple[tuple[Upstream, ...], list[str]]:
    file = parse(f"upstreams: {{a: {{{fields}}}}}", "f")
    sheet, problems = check(ConfigSheet, file)
    assert sheet is not None
    assert problems == []
    secrets = Secrets(keys={} if key is None else {"a": key})
    made, found = upstreams(sheet, file, folder, secrets)
    return made, [str(problem) for problem in found]


def one(fields: str, *, key: Secret | None = None) -> Upstream:
    made, found = built(fields, key=key)
    assert found == []
    return made[0]


def test_a_url_is_taken_apart() -> None:
    upstream = one("url: 'https://api.example.com/prefix/', dialect: openai", key=KEY)
    assert upstream == Upstream(
        name="a",
        dialect=Dialect.OPENAI,
        host="api.example.com",
        port=443,
        tls=True,
        path="/prefix",
        auth=Auth.BEARER,
        key=KEY,
        inject_usage=True,
    )


def test_a_unix_socket_has_a_host_for_its_header() -> None:
    upstream = one("url: 'unix:/run/m.sock', dialect: ollama, host: Model.internal")
    assert (upstream.socket, upstream.host, upstream.tls) == (
        "/run/m.sock",
        "model.internal",
        False,
    )


@pytest.mark.parametrize(
    ("dialect", "auth"),
    [
        ("openai", Auth.BEARER),
        ("anthropic", Auth.X_API_KEY),
        ("gemini", Auth.X_GOOG_API_KEY),
        ("ollama", Auth.BEARER),
    ],
)
def test_a_dialect_has_its_usual_header_and_the_file_may_name_another(
    dialect: str, auth: Auth
) -> None:
    assert usual_auth(Dialect(dialect)) is auth
    assert one(f"url: 'https://h', dialect: {dialect}").auth is auth
    named = one(f"url: 'https://h', dialect: {dialect}, auth: api-key")
    assert named.auth is Auth.API_KEY


@pytest.mark.parametrize(
    ("fields", "injects"),
    [
        ("dialect: openai", True),
        ("dialect: openai, inject_usage: false", False),
        ("dialect: anthropic", False),
        ("dialect: anthropic, inject_usage: false", False),
    ],
)
def test_usage_is_asked_of_openai_unless_the_file_says_no(fields: str, injects: bool) -> None:
    assert one(f"url: 'https://h', {fields}").inject_usage is injects


def test_a_ca_file_starts_at_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    made, found = built("url: 'https://h', dialect: openai, ca_file: ca.pem", tmp_path)
    assert found == []
    assert made[0].ca_file == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            "url: 'https://h', dialect: gemini, inject_usage: true",
            "f:1: upstreams.a.inject_usage: has no meaning for dialect gemini (leave it out)",
        ),
        (
            "url: 'https://h', dialect: openai, host: x",
            "f:1: upstreams.a.host: is for unix: URLs alone (name the host in url)",
        ),
        (
            "url: 'https://h', dialect: openai, ca_file: absent.pem",
            "f:1: upstreams.a.ca_file: is not a file that can be read",
        ),
    ],
)
def test_fields_that_do_not_go_together_are_refused(fields: str, said: str) -> None:
    assert built(fields)[1] == [said]


def test_a_ca_file_without_tls_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    _, found = built("url: 'http://h', dialect: openai, ca_file: ca.pem", tmp_path)
    assert found == ["f:1: upstreams.a.ca_file: has no meaning without https"]


def test_an_upstream_that_cannot_be_called_is_left_out() -> None:
    made, (found,) = built("url: 'ftp://h', dialect: openai")
    assert made == ()
    assert found.startswith("f:1: upstreams.a.url: is not a URL that crossfade can call")


@pytest.mark.parametrize(
    "url", ["http://model.internal:8000", "http://10.0.0.5", "http://[fd00::1]:80"]
)
def test_a_key_in_the_clear_is_a_warning(url: str) -> None:
    _, found = built(f"url: '{url}', dialect: openai", key=KEY)
    assert found == [
        "f:1: warning: upstreams.a.url: the key goes over the network in the clear (use https)"
    ]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9", "unix:/run/x", "https://h"],
)
def test_a_key_that_stays_here_or_is_encrypted_is_no_warning(url: str) -> None:
    assert built(f"url: '{url}', dialect: openai", key=KEY)[1] == []


@pytest.mark.parametrize(
    ("url", "version"),
    [("https://h/v1", "v1"), ("https://h/openai/v1/", "v1"), ("https://h/v1beta", "v1beta")],
)
def test_a_version_that_requests_bring_along_is_a_warning(url: str, version: str) -> None:
    assert built(f"url: '{url}', dialect: openai")[1] == [
        (
            f"f:1: warning: upstreams.a.url: requests already begin with /{version}, "
            f"so the upstream sees it twice (leave /{version} out of the url)"
        )
    ]
