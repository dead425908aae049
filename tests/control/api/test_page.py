"""The status page: plain, escaped, and without a script."""

from __future__ import annotations

import msgspec

from control.api.page import drawn
from control.desk.view import summary
from control.migration.ledger import Cause, Phase
from tests.control.api.service import Service
from tests.control.states import state

HOSTILE = "<script>alert(1)</script>\"'&"


async def test_it_shows_every_migration_and_refreshes(api: Service) -> None:
    await api.apply()
    answer = await api.call("GET", "/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = answer.body.decode()
    assert 'http-equiv="refresh"' in page
    assert "triage" in page
    assert "Pending" in page
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'sha256-" in policy
    assert "script" not in page
    assert "unsafe" not in policy


async def test_no_migration_is_said(api: Service) -> None:
    assert b"No migration is registered." in (await api.call("GET", "/")).body


def test_texts_are_escaped() -> None:
    known = state(phase=Phase.DEGRADED, cause=Cause.ROLLED_BACK, note=HOSTILE)
    hostile = msgspec.structs.replace(summary(known, 1), name=HOSTILE, actor=HOSTILE, since=HOSTILE)
    page = drawn((hostile,), HOSTILE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") == 6
