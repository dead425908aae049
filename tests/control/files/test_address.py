"""Addresses have one meaning, or are refused."""

from __future__ import annotations

import pytest

from control.files.address import Place, hostname, is_local, is_loopback, is_web, listener, place
from control.files.problems import Wrong


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("[::1]:8080", "[::1]:8080"),
        ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
        ("LocalHost:080", "localhost:80"),
        ("unix:/run/crossfade.sock", "unix:/run/crossfade.sock"),
    ],
)
def test_a_listen_address_has_one_form(written: str, meant: str) -> None:
    assert listener(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "::1:8080",
        "[::1]",
        "[host]:80",
        "[]:80",
        "127.1:80",
        "a b:80",
        "a:-1",
        "a:٣",
        "a:80\n",
        "[fe80::1%eth0]:80",
        "unix:run.sock",
        "unix:",
        "unix:/" + "x" * 100,
        "a..b:80",
        "-a:80",
    ],
)
def test_what_cannot_be_listened_on_is_refused(written: str) -> None:
    with pytest.raises(Wrong):
        listener(written)


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1:8080", True),
        ("127.8.9.1:1", True),
        ("[::1]:8080", True),
        ("localhost:8080", True),
        ("unix:/run/x", True),
        ("0.0.0.0:8080", False),
        ("[::]:8080", False),
        ("10.0.0.1:8080", False),
        ("proxy.internal:8080", False),
    ],
)
def test_only_this_host_reaches_loopback(address: str, loopback: bool) -> None:
    assert is_loopback(address) is loopback


def test_a_name_that_only_looks_like_localhost_is_not_local() -> None:
    assert not is_local("localhost.example.com")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://127.0.0.1:9000", Place(host="127.0.0.1", port=9000)),
        ("https://api.openai.com", Place(host="api.openai.com", port=443, tls=True)),
        ("HTTPS://API.example.com/", Place(host="api.example.com", port=443, tls=True)),
        ("http://h/a/b/", Place(host="h", port=80, path="/a/b")),
        ("http://[::1]:81/x", Place(host="::1", port=81, path="/x")),
        ("http://gpu_1.lan", Place(host="gpu_1.lan", port=80)),
        ("http://h.example./", Place(host="h.example.", port=80)),
        ("unix:/run/model.sock", Place(host="localhost", port=80, socket="/run/model.sock")),
    ],
)
def test_a_url_names_one_place(url: str, meant: Place) -> None:
    assert place(url, None) == meant


def test_a_unix_socket_takes_a_host_for_the_host_header() -> None:
    assert place("unix:/run/model.sock", "model.internal").host == "model.internal"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com",
        "//api.openai.com",
        "ftp://h",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://h:0",
        "http://h:99999",
        "http://h:x",
        "http://h?x=1",
        "http://h?",
        "http://h/#f",
        "http://h#",
        "http://a b",
        "http://h\\x",
        "http://h/\n",
        "http://[::1",
        "http://ü.example",
        "http://h/../x",
        "http://h/./x",
        "http://h/%2e%2e/x",
        "http://h//x",
        "http://h/%41",
        "http://2130706433",
        "http://0x7f000001",
        "http://127.1",
        "http://0177.0.0.1",
        "http://h.1",
        "http://-h",
        "http://" + "a" * 300,
        "unix:model.sock",
        "unix:/" + "x" * 120,
    ],
)
def test_a_url_with_two_readings_is_refused(url: str) -> None:
    with pytest.raises(Wrong):
        place(url, None)


@pytest.mark.parametrize(
    "url", ["http://user:sk-CANARY-1@h", "http://sk-CANARY-1@h/x", "https://@h"]
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Wrong, match="holds credentials") as refused:
        place(url, None)
    assert "CANARY" not in f"{refused.value} {refused.value.hint}"


def test_a_host_is_a_name_or_an_address() -> None:
    assert hostname("Model.Internal") == "model.internal"
    with pytest.raises(Wrong):
        hostname("model internal")


@pytest.mark.parametrize(
    ("url", "web"),
    [
        ("https://hooks.example.com/a?b=c", True),
        ("http://127.0.0.1:9/x", True),
        ("ftp://a/x", False),
        ("https://", False),
        ("a", False),
        ("http://[a", False),
    ],
)
def test_messages_are_posted_to_http_and_https_alone(url: str, web: bool) -> None:
    assert is_web(url) is web
