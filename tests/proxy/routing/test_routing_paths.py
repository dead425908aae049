"""Models that stand in a path, and what becomes of them."""

from __future__ import annotations

import msgspec

from proxy.policy import Arm, Dialect, Route
from proxy.routing.aim import UNMATCHED
from tests.doubles.requests import prompt, request
from tests.proxy.aims import (
    GENERATE,
    aim,
    first_line,
    routing,
    to,
)
from tests.proxy.routes import route

AZURE = b"/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"


def gemini(share: int) -> Route:
    baseline = Arm(name="old", upstream="gemini", model="gemini-pro")
    usual = route(model="gemini-pro", dialect=Dialect.GEMINI, share=share)
    candidate = Arm(name="new", upstream="gemini", model="flash 2/b")
    return msgspec.structs.replace(usual, baseline=baseline, candidate=candidate)


def test_geminis_model_is_changed_in_the_path() -> None:
    found = aim(routing(gemini(10_000)), request(target=GENERATE, body=b'{"contents": []}'))
    path = b"/v1beta/models/flash%202%2Fb:generateContent?alt=json&k%65y=sk-CANARY-caller"
    assert first_line(found) == b"POST " + path  # the caller's own upstream, so its key is needed
    assert (found.body, found.model_edited) == (b'{"contents": []}', True)


def test_geminis_baseline_keeps_the_path_as_it_came() -> None:
    found = aim(routing(gemini(0)), request(target=GENERATE, body=b'{"contents": []}'))
    assert (first_line(found), found.model_edited) == (b"POST " + GENERATE, False)


def test_azures_model_is_changed_in_path_and_body() -> None:
    found = aim(routing(to(10_000)), request(target=AZURE, body=prompt()))
    assert first_line(found) == b"POST " + AZURE.replace(b"gpt-4o", b"gpt-4o-mini", 1)
    assert found.body == prompt(model="gpt-4o-mini")


def test_azures_path_decides_which_model_is_asked_for() -> None:
    rules = routing(to(10_000))
    assert aim(rules, request(target=AZURE, body=prompt(model="x"))).migration == "triage"
    other = AZURE.replace(b"gpt-4o", b"x", 1)
    assert aim(rules, request(target=other, body=prompt())).migration == UNMATCHED
