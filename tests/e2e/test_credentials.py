"""Whose key goes where: the arm's own replaces the caller's, and no caller's reaches the other."""

from __future__ import annotations

import json

import pytest

from tests.doubles.requests import prompt, request
from tests.e2e import canary
from tests.e2e.asking import ask
from tests.e2e.conftest import Make
from tests.e2e.stage import Stage, stage

SECRETS = {
    "authorization": f"Bearer {canary.CALLER}",
    "x-api-key": canary.CALLER,
    "api-key": canary.CALLER,
    "x-goog-api-key": canary.CALLER,
}
PRIVATE = {
    "cookie": "session=CANARY-cookie",
    "openai-organization": "org-CANARY",
    "openai-project": "proj-CANARY",
}
LINES = [f"{name}: {value}".encode() for name, value in (SECRETS | PRIVATE).items()]
OWN = {"openai": "authorization", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}
PATHS = {
    "openai": "/v1/chat/completions?key=CANARY-query&a=b",
    "anthropic": "/v1/messages?beta=true&key=CANARY-query",
    "gemini": "/v1beta/models/{model}:generateContent?%6bey=CANARY-query",
}
# What a caller names that only the baseline's provider has.
STORED = [
    ("/v1/responses", {"previous_response_id": "resp_1"}),
    ("/v1/responses", {"conversation": "conv_1"}),
    (
        "/v1/responses",
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]},
    ),
    (
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
    ),
]


def sent(model: str, dialect: str) -> bytes:
    target = PATHS[dialect].format(model=model).encode()
    return request(*LINES, target=target, body=prompt(model=model))


@pytest.mark.parametrize("dialect", OWN)
async def test_nothing_of_the_callers_reaches_the_other_upstream(
    shared: Stage, dialect: str
) -> None:
    moved = shared.migrate(dialect, weight=100)
    seen = await ask(shared.crossfade, shared.apis, sent(moved.asks, dialect))
    assert seen.arm == b"candidate"
    received = seen.received
    assert received is not None
    for name in {*SECRETS, *PRIVATE} - {OWN[dialect]}:
        assert received.header(name) is None, name
    key = received.header(OWN[dialect])
    assert key is not None
    assert key.removeprefix("Bearer ") == canary.NEW_KEY
    assert b"CANARY" not in received.target
    wire = received.connection.received.bytes
    assert canary.CALLER.encode() not in wire
    for secret in (b"CANARY-cookie", b"org-CANARY", b"proj-CANARY", b"CANARY-query"):
        assert secret not in wire


@pytest.mark.parametrize("dialect", OWN)
async def test_the_baselines_own_key_replaces_the_callers(shared: Stage, dialect: str) -> None:
    moved = shared.migrate(dialect)
    seen = await ask(shared.crossfade, shared.apis, sent(moved.asks, dialect))
    assert seen.arm == b"baseline"
    assert seen.received is not None
    for name in set(SECRETS) - {OWN[dialect]}:
        assert seen.received.header(name) is None, name
    key = seen.received.header(OWN[dialect])
    assert key is not None
    assert key.removeprefix("Bearer ") == canary.OLD_KEY
    assert seen.received.header("openai-organization") == "org-CANARY"
    assert seen.received.header("cookie") == "session=CANARY-cookie"
    assert b"CANARY-query" not in seen.received.target


async def test_without_a_key_the_callers_own_credentials_go_through(shared: Stage) -> None:
    raw = request(*LINES, target=b"/u/own/v1/chat/completions?key=CANARY-query", body=prompt())
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.received is not None
    for name, value in (SECRETS | PRIVATE).items():
        assert seen.received.header(name) == value
    assert seen.received.target == b"/v1/chat/completions?key=CANARY-query"


@pytest.mark.parametrize(("path", "body"), STORED)
async def test_requests_that_name_stored_state_stay_on_the_baseline(
    shared: Stage, path: str, body: dict[str, object]
) -> None:
    moved = shared.migrate(weight=100)
    text = json.dumps({"model": moved.asks, "input": canary.PROMPT} | body).encode()
    seen = await ask(shared.crossfade, shared.apis, request(target=path.encode(), body=text))
    assert seen.arm == b"baseline"
    metrics = moved.admin.metrics()
    assert metrics.value("crossfade_kept_requests_total", migration=moved.name) == 1
    assert moved.view()["arms"]["baseline"]["requests"] == 0
    assert moved.view()["arms"]["baseline"]["uncounted"] == 1


async def test_an_arm_can_be_forced_where_the_migration_allows_it(shared: Stage) -> None:
    moved = shared.migrate(allow_force=True)
    raw = request(b"x-crossfade-arm: candidate", body=prompt(model=moved.asks))
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.arm == b"candidate"
    assert seen.received is not None
    assert seen.received.header("x-crossfade-arm") is None
    candidate = moved.view()["arms"]["candidate"]
    assert (candidate["requests"], candidate["uncounted"]) == (0, 1)


async def test_an_arm_cannot_be_forced_elsewhere(shared: Stage) -> None:
    moved = shared.migrate()
    raw = request(b"x-crossfade-arm: candidate", body=prompt(model=moved.asks))
    assert (await ask(shared.crossfade, shared.apis, raw)).arm == b"baseline"


TOKENS = "CANARY-client-one, CANARY-client-two"


@pytest.fixture
def guarded(make: Make, shared: Stage) -> Stage:
    """A crossfade that serves holders of a client token alone."""
    environ = dict(canary.ENVIRON) | {"CLIENT_TOKENS": TOKENS}
    crossfade = make({"clients": {"tokens_env": "CLIENT_TOKENS"}}, environ)
    crossfade.start()
    return stage(crossfade, shared.apis)


async def test_client_tokens(guarded: Stage) -> None:
    """Missing, wrong and right; where SDKs put their key; never forwarded."""
    good = "CANARY-client-two"
    refused = [
        [],
        [b"Authorization: Bearer CANARY-wrong"],
        [b"Authorization: Bearer " + canary.OLD_KEY.encode()],
        [b"Authorization: Bearer " + canary.TOKEN.encode()],
        [b"Authorization: Basic " + good.encode()],
        [b"Authorization: Bearer " + TOKENS.encode()],
        [b"Authorization: Bearer "],
        [b"x-crossfade-token: " + good.encode()],
    ]
    before = len(guarded.apis.old.requests)
    for lines in refused:
        seen = await ask(guarded.crossfade, guarded.apis, request(*lines, body=prompt()))
        assert (seen.answer.status, seen.code) == (401, "unauthorized")
        assert canary.MARK not in seen.answer.raw
    assert len(guarded.apis.old.requests) == before
    metrics = guarded.crossfade.admin.metrics()
    assert metrics.value("crossfade_refused_total", code="unauthorized") == len(refused)
    accepted = [
        (b"Authorization: Bearer " + good.encode(), b"/v1/chat/completions"),
        (b"x-api-key: " + good.encode(), b"/v1/messages"),
        (b"x-goog-api-key: " + good.encode(), b"/v1beta/models/g:generateContent"),
        (b"api-key: " + good.encode(), b"/openai/deployments/d/chat/completions"),
        (b"x-none: 1", b"/v1beta/models/g:generateContent?key=" + good.encode()),
        (b"Authorization: Bearer " + good.encode(), b"/u/own/v1/chat/completions"),
    ]
    for line, target in accepted:
        raw = request(line, target=target, body=prompt())
        seen = await ask(guarded.crossfade, guarded.apis, raw)
        assert seen.answer.status == 200
        assert seen.received is not None
        assert good.encode() not in seen.received.connection.received.bytes
