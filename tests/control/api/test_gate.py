"""From a request to its answer: the order of refusals, and what nobody foresaw."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.control.api.service import Service, service

TOKEN = "sk-CANARY-admin-token"
PATHS = [
    ("GET", "/"),
    ("GET", "/metrics"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/errors"),
    ("GET", "/api/workers"),
    ("GET", "/api/events"),
    ("GET", "/api/migrations"),
    ("GET", "/api/migrations/triage"),
    ("PUT", "/api/migrations/triage"),
    ("GET", "/api/migrations/triage/history"),
    ("POST", "/api/migrations/triage/set-weight"),
    ("POST", "/api/migrations/triage/rollback"),
    ("POST", "/api/migrations/triage/retry"),
    ("POST", "/api/rollback"),
    ("GET", "/nowhere"),
    ("TRACE", "/api/migrations"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_without_the_token_every_path_is_401(tmp_path: Path, method: str, path: str) -> None:
    async with service(tmp_path, token=TOKEN) as api:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            answer = await api.call(method, path, headers=headers)
            assert (answer.status, answer.code) == (401, "unauthorized")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_with_the_token_the_api_serves(tmp_path: Path) -> None:
    async with service(tmp_path, token=TOKEN) as api:
        sent = {"Authorization": f"Bearer {TOKEN}"}
        for path in ("/", "/metrics", "/api/migrations", "/api/workers"):
            assert (await api.call("GET", path, headers=sent)).status == 200


async def test_probes_are_served_without_the_token(tmp_path: Path) -> None:
    async with service(tmp_path, token=TOKEN) as api:
        assert (await api.call("GET", "/healthz")).status == 200
        assert (await api.call("GET", "/readyz")).status == 200


async def test_a_body_is_not_asked_for_before_the_token_is_known(tmp_path: Path) -> None:
    async with service(tmp_path, token=TOKEN) as api:
        answer = await api.raw(
            b"POST /api/rollback HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
        )
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_rebound_name_is_turned_away(api: Service) -> None:
    answer = await api.call("GET", "/api/migrations", headers={"Host": "evil.example"})
    assert (answer.status, answer.code) == (403, "forbidden_host")


async def test_a_page_of_another_origin_changes_nothing(api: Service) -> None:
    await api.apply()
    answer = await api.call(
        "POST",
        "/api/migrations/triage/rollback",
        {},
        headers={"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    )
    assert (answer.status, answer.code) == (403, "forbidden_origin")
    assert (await api.office.desk.get("triage")).latched is False


async def test_unknown_paths_and_methods_have_the_errors_shape(api: Service) -> None:
    answer = await api.call("GET", "/api/nowhere")
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await api.call("DELETE", "/api/migrations")
    assert (answer.status, answer.code) == (405, "method_not_allowed")


async def test_what_nobody_foresaw_is_a_500_that_says_nothing(
    api: Service, caplog: pytest.LogCaptureFixture
) -> None:
    api.readiness = None  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR):
        answer = await api.call("GET", "/readyz")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"NoneType" not in answer.body
    assert [record.message for record in caplog.records] == ["admin_request_failed"]
    assert (await api.call("GET", "/healthz")).status == 200


async def test_no_log_holds_a_token_or_a_body(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with service(tmp_path, token=TOKEN) as api:
            sent = {"Authorization": f"Bearer {TOKEN}"}
            await api.call("PUT", "/api/migrations/x", {"file": "CANARY-PROMPT"}, headers=sent)
            await api.call("POST", "/api/rollback", {"reason": "CANARY-PROMPT"}, headers=sent)
            await api.raw(b"GET / HTTP/1.1\r\nCANARY-PROMPT\r\n\r\n")
    assert "CANARY" not in caplog.text
