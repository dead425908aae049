"""Who may call the admin API, from where, and what it shows of hostile words."""

from __future__ import annotations

import pytest

from control.api.guard import OPEN_PATHS
from control.api.table import ROUTES
from tests.doubles.raw import connected
from tests.doubles.requests import get
from tests.e2e import canary
from tests.e2e.asking import ask
from tests.e2e.stage import Stage, file

STRANGERS = {
    "nobody": {},
    "a wrong token": {"Authorization": "Bearer CANARY-wrong"},
    "an empty token": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": f"Basic {canary.TOKEN}"},
    "the token alone": {"Authorization": canary.TOKEN},
    "an application": {"Authorization": f"Bearer {canary.CALLER}"},
    "an upstream's key": {"Authorization": f"Bearer {canary.OLD_KEY}"},
    "an api key": {"x-api-key": canary.TOKEN},
    "a cookie": {"Cookie": f"token={canary.TOKEN}"},
    "part of it": {"Authorization": f"Bearer {canary.TOKEN[:-1]}"},
    "more than it": {"Authorization": f"Bearer {canary.TOKEN}x"},
    "it in another case": {"Authorization": f"Bearer {canary.TOKEN.lower()}"},
}
GUARDED = [route for route in ROUTES if route.path not in OPEN_PATHS]


@pytest.mark.parametrize("who", STRANGERS)
def test_no_stranger_gets_in_anywhere(shared: Stage, who: str) -> None:
    """Every call, every stranger: the door is closed before the path is looked at."""
    moved = shared.migrate(weight=30)
    admin = shared.crossfade.admin
    for route in GUARDED:
        path = route.path.replace("{name}", moved.name)
        headers = {"Authorization": "none"} | STRANGERS[who]
        answer = admin.ask(route.method, path, headers=headers, raw=b"{}")
        assert (answer.status, answer.code) == (401, "unauthorized"), (route.method, path)
        assert canary.MARK not in answer.body
    assert admin.ask("GET", "/api/nothing", headers=STRANGERS["a wrong token"]).status == 401
    assert moved.view()["weights"]["candidate"] == 30


@pytest.mark.parametrize("path", OPEN_PATHS)
def test_probes_need_no_token(shared: Stage, path: str) -> None:
    answer = shared.crossfade.admin.ask("GET", path, headers={"Authorization": "none"})
    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_origins_are_turned_away(shared: Stage, headers: dict[str, str]) -> None:
    """A browser that was led here has the token in no cookie; it is turned away all the same."""
    moved = shared.migrate(weight=30)
    path = f"/api/migrations/{moved.name}/rollback"
    answer = moved.admin.ask("POST", path, {}, headers=headers)
    assert answer.status == 403
    assert moved.view()["weights"]["candidate"] == 30
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(shared: Stage, kind: str) -> None:
    path = f"/api/migrations/{shared.migrate().name}/rollback"
    answer = shared.crossfade.admin.ask("POST", path, headers={"Content-Type": kind}, raw=b"{}")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_hostile_words_are_text_on_the_page(shared: Stage) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    text = file("<b>", "<i>asked</i>")
    refused = shared.crossfade.admin.ask("PUT", "/api/migrations/%3Cb%3E", {"file": str(text)})
    assert refused.status in (400, 404, 422)
    moved = shared.migrate(owner=hostile)
    moved.admin.post(moved.name, "rollback", reason=hostile, actor=hostile)
    page = moved.admin.ask("GET", "/")
    assert b"<script" not in page.body
    assert b"<img" not in page.body
    assert b"&lt;script&gt;" in page.body
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert moved.view()["owner"] == hostile


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/static/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/migrations/..%2f..%2fetc%2fpasswd",
        "/api/migrations/%00",
        "//etc/passwd",
        "/api//migrations",
        "/api/migrations/",
        "/.crossfade/store.db",
    ],
)
def test_no_path_leads_to_a_file(shared: Stage, path: str) -> None:
    answer = shared.crossfade.admin.ask("GET", path)
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body


@pytest.mark.parametrize("path", [b"/metrics", b"/healthz", b"/readyz", b"/api/migrations"])
async def test_the_traffic_port_serves_nothing_of_it(shared: Stage, path: bytes) -> None:
    """There these are paths of the model API like any other."""
    seen = await ask(shared.crossfade, shared.apis, get(path))
    assert seen.received is not None
    assert seen.received.target == path
    assert b"crossfade_" not in seen.answer.body


async def test_what_is_no_http_is_answered_without_an_echo(shared: Stage) -> None:
    port = int(shared.crossfade.control.rpartition(":")[2])
    for hostile in (b"CANARY \x00\r\n\r\n", b"GET / HTTP/1.1\r\nCANARY\r\n\r\n", b"\x16\x03\x01"):
        async with connected(port) as client:
            await client.send(hostile)
            client.half_close()
            answer = await client.rest()
        assert b"CANARY" not in answer
        assert b"Traceback" not in answer
    assert shared.crossfade.admin.ask("GET", "/healthz").status == 200
