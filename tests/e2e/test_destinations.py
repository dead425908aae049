"""Where a request goes is the operator's word alone, whatever the request says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doubles.requests import prompt, request
from tests.doubles.upstream import Server
from tests.e2e import canary
from tests.e2e.apis import Apis
from tests.e2e.asking import ask
from tests.e2e.stage import Stage


@pytest.fixture(scope="session")
def decoy(apis: Apis) -> Iterator[Server]:
    """A server that nobody configured."""
    server = apis.run(_decoy())
    yield server
    apis.run(server.__aexit__(None, None, None))


async def _decoy() -> Server:
    return await Server("decoy").__aenter__()


NAMES = (
    "api_base",
    "base_url",
    "api_url",
    "user_config",
    "custom_host",
    "endpoint",
    "proxy",
    "upstream",
    "webhook",
    "callback_url",
)
HEADERS = (
    "Host",
    "X-Forwarded-Host",
    "Forwarded",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Portkey-Custom-Host",
    "X-Upstream",
    "X-Crossfade-Upstream",
    "Proxy-Connection",
    "Referer",
    "Origin",
    "Location",
)
PATHS = (
    b"/v1/chat/completions",
    b"/v1/chat/completions?api_base=%b",
    b"/u/own/v1/chat/completions",
    b"/u/%b/v1/chat/completions",
    b"/%b",
    b"//%b/v1/chat/completions",
    b"/http://%b/",
    b"http://%b/v1/chat/completions",
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    members=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2), max_size=4),
    headers=st.lists(st.sampled_from(HEADERS), max_size=3, unique=True),
    path=st.sampled_from(PATHS),
)
def test_nothing_in_a_request_names_a_destination(
    shared: Stage, decoy: Server, members: dict[str, int], headers: list[str], path: bytes
) -> None:
    place = f"127.0.0.1:{decoy.port}"
    forms: tuple[object, ...] = (
        f"http://{place}",
        {"api_base": f"http://{place}", "url": place},
        [{"litellm_params": {"api_base": f"http://{place}"}}],
    )
    body = json.dumps({"model": "m"} | {name: forms[at] for name, at in members.items()}).encode()
    lines = [f"{name}: {place}".encode() for name in headers if name != "Host"]
    target = path.replace(b"%b", place.encode())
    raw = request(*lines, target=target, body=body)
    if "Host" in headers:
        raw = raw.replace(b"Host: crossfade", b"Host: " + place.encode())
    seen = asyncio.run(ask(shared.crossfade, shared.apis, raw))
    assert seen.answer.status in (200, 400, 404, 421)
    if seen.received is not None:
        assert seen.received.header("host") == f"127.0.0.1:{shared.apis.old.port}"
    assert decoy.connections == []
    assert canary.MARK not in seen.answer.raw_head


async def test_a_redirect_is_the_callers_to_follow(shared: Stage, decoy: Server) -> None:
    moved = shared.migrate(weight=100)
    headers = {"Location": f"{decoy.url}/v1/chat/completions"}
    script = json.dumps({"status": 307, "headers": headers}).encode()
    raw = request(b"X-Script: " + script, body=prompt(model=moved.asks))
    seen = await ask(shared.crossfade, shared.apis, raw)
    assert seen.answer.status == 307
    assert seen.answer.get(b"location") == headers["Location"].encode()
    assert decoy.connections == []
