"""Routings for tests, and what they make of a request's exact bytes."""

from __future__ import annotations

import msgspec
import pytest

from proxy.errors import Failure, Refused
from proxy.http.http1 import read_request
from proxy.policy import Arm, Dialect, Route, Secret, Snapshot, Upstream
from proxy.routing.aim import Aim, Look
from proxy.routing.breaker import Breaker
from proxy.routing.destination import Destination
from proxy.routing.routing import Routing
from tests.doubles.worker import upstream
from tests.proxy.routes import route

KEY = Secret("sk-CANARY-own")
OPENAI = upstream("openai", host="api.openai.test", port=443, inject_usage=True)
SECOND = upstream("second", host="second.test", port=8000, path="/base", key=KEY)
CLAUDE = upstream("claude", host="claude.test", port=80, dialect=Dialect.ANTHROPIC)
GEMINI = upstream("gemini", host="gemini.test", port=80, dialect=Dialect.GEMINI)
ALL = (OPENAI, SECOND, CLAUDE, GEMINI)
GENERATE = b"/v1beta/models/gemini-pro:generateContent?alt=json&k%65y=sk-CANARY-caller"
PRIVATE = (
    b"Authorization: Bearer sk-CANARY-caller",
    b"x-api-key: sk-CANARY-caller",
    b"Cookie: sk-CANARY-caller",
    b"OpenAI-Organization: sk-CANARY-caller",
)


def to(
    share: int, *, upstream: str = "openai", model: str = "gpt-4o-mini", **changes: object
) -> Route:
    """A route whose candidate is this model there."""
    usual = msgspec.structs.replace(route(share=share), **changes)
    candidate = Arm(name="new", upstream=upstream, model=model)
    return msgspec.structs.replace(usual, candidate=candidate)


def routing(*routes: Route, upstreams: tuple[Upstream, ...] = ALL) -> Routing:
    known = {one.name: Destination(one, clients_have_tokens=False) for one in upstreams}
    return Routing(Snapshot(epoch=1, version=7, routes=routes), known, Breaker())


def look(rules: Routing, raw: bytes) -> Look:
    return rules.look(read_request(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"))


def aim(rules: Routing, raw: bytes) -> Aim:
    """What becomes of a request, body and all."""
    first, _, body = raw.partition(b"\r\n\r\n")
    head = read_request(first + b"\r\n\r\n")
    seen = rules.look(head)
    return rules.aim(seen, head, body if seen.wants_body else None, b"0" * 32)


def first_line(found: Aim) -> bytes:
    return found.head.partition(b" HTTP/1.1\r\n")[0]


def refusal(rules: Routing, raw: bytes) -> Failure:
    with pytest.raises(Refused) as caught:
        aim(rules, raw)
    return caught.value.failure
