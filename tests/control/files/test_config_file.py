"""crossfade.yaml's fields take what the interface says, and refuse what is built later."""

from __future__ import annotations

import pytest

from control.files.check import check
from control.files.config_file import ClientsSheet, ConfigSheet
from control.files.problems import in_order
from control.files.written import parse
from proxy.policy import Limits
from proxy.redis.address import FORMS

UPSTREAMS = "upstreams: {openai: {url: 'http://h', dialect: openai}}\n"


def sheet(text: str) -> ConfigSheet:
    found, problems = check(ConfigSheet, parse(text + UPSTREAMS, "f"))
    assert problems == []
    assert found is not None
    return found


def problem(text: str) -> str:
    found = in_order(check(ConfigSheet, parse(text + UPSTREAMS, "f"))[1])
    assert len(found) == 1
    return str(found[0])


def test_upstreams_alone_make_a_configuration() -> None:
    made = sheet("")
    assert made.listen == ["127.0.0.1:8080"]
    assert made.admin.listen == "127.0.0.1:8081"
    assert made.clients is None
    assert (made.store, made.workers, made.state_dir) == ("embedded", 1, ".crossfade")


def test_what_is_the_default_may_be_spelt_out() -> None:
    assert sheet("store: embedded\nworkers: 1\n") == sheet("")


def test_the_limits_are_those_of_the_data_plane() -> None:
    assert Limits(**sheet("").limits.model_dump()) == Limits()


def test_listen_is_one_address_or_a_list() -> None:
    assert sheet("listen: 127.0.0.1:1\n").listen == ["127.0.0.1:1"]
    assert sheet("listen: [127.0.0.1:1, 'unix:/run/x']\n").listen == ["127.0.0.1:1", "unix:/run/x"]


def test_clients_are_open_or_have_tokens() -> None:
    assert sheet("clients: open\n").clients == "open"
    assert sheet("clients: {tokens_env: T}\n").clients == ClientsSheet(tokens_env="T")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "listen: 8080",
            (
                "f:1: listen: is not an address to listen on "
                "(write HOST:PORT, [IPV6]:PORT or unix:/ABSOLUTE/PATH)"
            ),
        ),
        ("listen: []", "f:1: listen: must not be empty"),
        (
            "clients: opne",
            "f:1: clients: is neither open nor tokens (write: open, or {tokens_env: VARIABLE})",
        ),
        ("clients: {}", "f:1: clients.tokens_env: is missing"),
        ("store: sqlite", f"f:1: store: is not a store (write embedded, or {FORMS})"),
        ("store: 3", f"f:1: store: is not a store (write embedded, or {FORMS})"),
        ("store: redis://h:x", "f:1: store: has a host that is no name and no address"),
        (
            "store: redis://:sk-CANARY-1@h",
            "f:1: store: holds a password (write password_env: VARIABLE, or url_env: VARIABLE)",
        ),
        (
            "store: {url: redis://h, password: sk-CANARY-1}",
            (
                "f:1: store.password: is not a field here "
                "(passwords never stand in this file: write password_env or password_file)"
            ),
        ),
        (
            "workers: 257",
            "f:1: workers: is not a number from 1 to 256",
        ),
        ("workers: 0", "f:1: workers: is not a number from 1 to 256"),
        ("workers: true", "f:1: workers: is not a number from 1 to 256"),
        (
            "notifiers: {ops: {kind: pigeon, url_env: U}}",
            "f:1: notifiers.ops.kind: must be 'slack' or 'webhook'",
        ),
        (
            'notifiers: {ops: {kind: slack, url: "https://a/CANARY", url_env: U}}',
            (
                "f:1: notifiers.ops.url: is not a field here "
                "(whoever knows it can post there: write url_env)"
            ),
        ),
        ("telemetry: {}", "f:1: telemetry: is not supported yet by this version"),
        ("limits: {max_streams: 0}", "f:1: limits.max_streams: must be at least 1"),
        (
            "models: {m: {upstream: openai, status: prod}}",
            "f:1: models.m.status: must be 'production', 'staging' or 'retired'",
        ),
        (
            "models: {m: {upstream: openai, price: {output: 1}}}",
            "f:1: models.m.price.input: is missing",
        ),
    ],
)
def test_what_a_field_does_not_take_is_said(text: str, said: str) -> None:
    assert problem(text + "\n") == said


@pytest.mark.parametrize("field", ["key", "api_key", "token"])
def test_a_key_in_the_file_is_refused_and_not_repeated(field: str) -> None:
    text = f"upstreams:\n  a: {{url: 'http://h', dialect: openai, {field}: sk-CANARY-1}}\n"
    (found,) = check(ConfigSheet, parse(text, "f"))[1]
    assert str(found) == (
        f"f:2: upstreams.a.{field}: is not a field here "
        "(keys never stand in this file: write key_env or key_file)"
    )
