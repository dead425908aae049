"""Every endpoint and every role: who is let in, and who is turned away before a body is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from control.api.guard import OPEN_PATHS
from control.api.routes import NAME, Route
from control.api.table import ROUTES
from control.roles import Role
from proxy.policy import Secret
from tests.control.api.service import Service, service

TOKENS = {role: Secret(f"sk-CANARY-{role}") for role in Role}

# Written out, so that a change of the table is seen here: (the least role, method, path).
MATRIX = {
    ("GET", "/"): Role.VIEWER,
    ("GET", "/healthz"): Role.VIEWER,
    ("GET", "/readyz"): Role.VIEWER,
    ("GET", "/metrics"): Role.VIEWER,
    ("GET", "/api/openapi.json"): Role.VIEWER,
    ("GET", "/api/errors"): Role.VIEWER,
    ("GET", "/api/workers"): Role.VIEWER,
    ("GET", "/api/events"): Role.VIEWER,
    ("GET", "/api/migrations"): Role.VIEWER,
    ("GET", "/api/migrations/{name}"): Role.VIEWER,
    ("GET", "/api/migrations/{name}/history"): Role.VIEWER,
    ("GET", "/api/migrations/{name}/explain"): Role.VIEWER,
    ("GET", "/api/migrations/{name}/plan"): Role.VIEWER,
    ("POST", "/api/migrations/{name}/start"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/pause"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/resume"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/approve"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/reject"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/dismiss"): Role.OWNER,
    ("POST", "/api/migrations/{name}/promote"): Role.OPERATOR,
    ("PUT", "/api/migrations/{name}"): Role.OWNER,
    ("POST", "/api/migrations/{name}/set-weight"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/rollback"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/retry"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/scores"): Role.OPERATOR,
    ("POST", "/api/migrations/{name}/drill"): Role.OPERATOR,
    ("POST", "/api/rollback"): Role.OPERATOR,
    ("POST", "/api/notifiers/{name}/test"): Role.OPERATOR,
}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path, tokens=TOKENS) as opened:
        yield opened


def test_every_endpoint_is_in_the_matrix() -> None:
    assert {(route.method, route.path): route.needs for route in ROUTES} == MATRIX


async def test_each_role_may_call_what_it_may_and_nothing_else(guarded: Service) -> None:
    guarded.api.watchers.closing = True  # so that a stream of events ends at once
    for route in ROUTES:
        for role, token in TOKENS.items():
            sent = {"Authorization": f"Bearer {token.reveal()}"}
            answer = await guarded.call(route.method, _path(route), headers=sent)
            if role.may(route.needs):
                # Without a body a change is refused for that, which comes after the role.
                assert answer.status != 403, (route, role)
                assert answer.status < 500, (route, role)
            else:
                assert (answer.status, answer.code) == (403, "forbidden_role"), (route, role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("verb", "body", "owners"),
    [
        ("promote", {"full": False}, False),
        ("promote", {"full": True}, True),
        ("set-weight", {"percent": 99.99}, False),
        ("set-weight", {"percent": 100}, True),
    ],
)
async def test_all_of_the_traffic_at_once_is_an_owners_to_give(
    guarded: Service, role: Role, verb: str, body: dict[str, object], owners: bool
) -> None:
    may = role.may(Role.OWNER if owners else Role.OPERATOR)
    answer = await guarded.call(
        "POST",
        f"/api/migrations/absent/{verb}",
        body,
        headers={"Authorization": f"Bearer {TOKENS[role].reveal()}"},
    )
    assert answer.status == (404 if may else 403)


async def test_without_a_token_the_probes_alone_answer(guarded: Service) -> None:
    for route in ROUTES:
        answer = await guarded.call(route.method, _path(route))
        assert answer.status == (200 if route.path in OPEN_PATHS else 401)


async def test_a_refusal_names_the_roles_and_no_token(guarded: Service) -> None:
    sent = {"Authorization": f"Bearer {TOKENS[Role.VIEWER].reveal()}"}
    answer = await guarded.call("POST", "/api/rollback", {}, headers=sent)
    assert b"It is viewer's, and operator's is needed." in answer.body
    assert b"CANARY" not in answer.body


def _path(route: Route) -> str:
    return route.path.replace(NAME, "triage")
