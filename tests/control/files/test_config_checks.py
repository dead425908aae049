"""Rules between the fields of crossfade.yaml: each broken one is a refusal to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from control.files.config import examine
from control.files.problems import errors
from control.files.written import parse

KEYED = "upstreams: {o: {url: 'https://h', dialect: openai, key_env: KEY}}\n"
KEYLESS = "upstreams: {o: {url: 'https://h', dialect: openai}}\n"
ENVIRON = {"KEY": "k", "TOKENS": "a", "ADMIN": "t"}


def problems(text: str) -> list[str]:
    return [str(found) for found in errors(examine(parse(text, "f"), Path(), ENVIRON).problems)]


@pytest.mark.parametrize(
    "text",
    [
        "listen: 127.0.0.1:1\n" + KEYED,
        "listen: ['[::1]:1', localhost:2, 'unix:/run/x']\n" + KEYED,
        "listen: 0.0.0.0:1\n" + KEYLESS,
        "listen: 0.0.0.0:1\nclients: open\n" + KEYED,
        "listen: 0.0.0.0:1\nclients: {tokens_env: TOKENS}\n" + KEYED,
        "admin: {listen: 0.0.0.0:1, token_env: ADMIN}\n" + KEYLESS,
        "admin: {listen: 127.0.0.1:0}\nlisten: 127.0.0.1:0\n" + KEYLESS,
        "listen: [127.0.0.1:0, 127.0.0.1:0]\n" + KEYLESS,
    ],
)
def test_what_is_safe_starts(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("listen", "place"),
    [
        ("0.0.0.0:1", "listen"),
        ("[127.0.0.1:1, '[::]:1']", "listen[1]"),
        ("[proxy.internal:1]", "listen[0]"),
    ],
)
@pytest.mark.parametrize("key", ["key_env: KEY", "key_file: nowhere"])
def test_an_open_relay_on_the_companys_key_is_refused(listen: str, place: str, key: str) -> None:
    text = f"listen: {listen}\nupstreams: {{o: {{url: 'https://h', dialect: openai, {key}}}}}"
    assert any(
        said.startswith(f"f:1: {place}: listens beyond loopback while an upstream has a key")
        for said in problems(text)
    )


def test_an_upstream_that_cannot_be_read_still_has_its_key() -> None:
    text = "listen: 0.0.0.0:1\nupstreams: {o: {url: 5, dialect: openai, key_env: KEY}}"
    assert len(problems(text)) == 2


def test_an_empty_clients_field_spells_nothing_out() -> None:
    found = problems("listen: 0.0.0.0:1\nclients:\n" + KEYED)
    assert [said.partition(" ")[0] for said in found] == ["f:1:", "f:2:"]


def test_an_admin_listener_beyond_loopback_needs_a_token() -> None:
    assert problems("admin: {listen: 0.0.0.0:1}\n" + KEYLESS) == [
        (
            "f:1: admin.listen: listens beyond loopback without a token "
            "(add token_env: CROSSFADE_TOKEN, or listen on 127.0.0.1)"
        )
    ]


@pytest.mark.parametrize("lesser", ["operator_token_env", "viewer_token_env"])
def test_a_lesser_role_needs_an_owner_beside_it(lesser: str) -> None:
    (found,) = problems(f"admin: {{{lesser}: KEY}}\n" + KEYLESS)
    assert f"admin.{lesser}: is named, but no owner's token is" in found


def test_an_unset_admin_token_beyond_loopback_is_a_refusal() -> None:
    (found,) = problems("admin: {listen: 0.0.0.0:1, token_env: ABSENT}\n" + KEYLESS)
    assert "the environment variable ABSENT is not set" in found


def test_an_address_is_listened_on_once() -> None:
    assert problems("listen: [127.0.0.1:1, 127.0.0.1:1]\n" + KEYLESS) == [
        "f:1: listen[1]: is listed twice"
    ]
    assert problems("listen: 127.0.0.1:1\nadmin: {listen: 127.0.0.1:1}\n" + KEYLESS) == [
        (
            "f:2: admin.listen: is an address that applications connect to "
            "(give the admin API an address of its own)"
        )
    ]


def test_a_model_names_an_upstream_of_this_file() -> None:
    assert problems(KEYLESS + "models: {m: {upstream: oo}}") == [
        "f:2: models.m.upstream: is not one of the upstreams (did you mean o?)"
    ]


def test_a_model_of_an_upstream_that_has_problems_is_no_second_problem() -> None:
    text = "upstreams: {o: {url: 5, dialect: openai}}\nmodels: {m: {upstream: o}}"
    assert problems(text) == ["f:1: upstreams.o.url: must be text (put it in quotes)"]


def test_upstreams_that_are_no_mapping_are_one_problem() -> None:
    assert len(problems("listen: 0.0.0.0:1\nupstreams: [o]\n")) == 1
    assert len(problems("[a]")) == 1


def test_more_than_one_worker_needs_a_redis() -> None:
    """They meet in the store; the embedded one is one process' own."""
    assert problems("workers: 2\n" + KEYLESS) == [
        (
            "f:1: workers: more than one worker needs a Redis store "
            "(add store: redis://HOST:PORT, or write workers: 1)"
        )
    ]
    assert problems("workers: 2\nstore: redis://127.0.0.1:6379\n" + KEYLESS) == []
