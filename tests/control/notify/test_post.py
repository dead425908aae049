"""control.notify.post: one try, against real receivers."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from control.notify.post import post
from control.notify.signature import signed
from control.words.notifiers import Kind, Notifier
from proxy.policy import Secret
from tests.control.notify.messages import ROLLED_BACK
from tests.control.notify.receiver import receiving

NOW_S = 1_790_000_000


def notifier(url: str, *, kind: Kind = Kind.WEBHOOK, secret: str | None = None) -> Notifier:
    kept = None if secret is None else Secret(secret)
    return Notifier(name="ops", kind=kind, url=Secret(url), secret=kept)


async def test_a_message_arrives_whole_and_signed() -> None:
    async with receiving() as receiver:
        to = notifier(receiver.url, secret="CANARY-HOOK")
        posted = await post(to, ROLLED_BACK, now_s=NOW_S)
    assert posted.why is None
    [got] = receiver.got
    assert json.loads(got.body)["text"] == ROLLED_BACK.text
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-crossfade-delivery"] == ROLLED_BACK.id
    wanted = signed(Secret("CANARY-HOOK"), got.body, NOW_S)
    assert wanted.items() <= got.headers.items()
    assert "CANARY" not in got.body.decode()


async def test_without_a_secret_no_signature_is_sent() -> None:
    async with receiving() as receiver:
        await post(notifier(receiver.url, kind=Kind.SLACK), ROLLED_BACK, now_s=NOW_S)
    assert "x-crossfade-signature" not in receiver.got[0].headers
    assert set(json.loads(receiver.got[0].body)) == {"text"}


@pytest.mark.parametrize(
    ("status", "again"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (503, True)],
)
async def test_what_may_pass_is_tried_again_and_what_will_not_is_not(
    status: int, again: bool
) -> None:
    async with receiving(status) as receiver:
        posted = await post(notifier(receiver.url), ROLLED_BACK, now_s=NOW_S)
    assert (posted.why, posted.again) == (f"it answered {status}", again)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as elsewhere, receiving(302, Location=elsewhere.url) as receiver:
        posted = await post(notifier(receiver.url), ROLLED_BACK, now_s=NOW_S)
    assert (posted.why, posted.again) == ("it answered 302", False)
    assert elsewhere.got == []


@pytest.mark.parametrize(("written", "read"), [("7", 7.0), ("Wed, 21 Oct 2026", None)])
async def test_the_receiver_may_ask_for_a_pause_in_seconds(
    written: str, read: float | None
) -> None:
    async with receiving(429, Retry_After=written) as receiver:
        posted = await post(notifier(receiver.url), ROLLED_BACK, now_s=NOW_S)
    assert posted.after_s == read


async def test_nobody_there_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/CANARY-TOKEN"
        posted = await post(notifier(url), ROLLED_BACK, now_s=NOW_S)
    assert (posted.why, posted.again) == ("it cannot be connected to", True)


async def test_a_connection_that_breaks_off_is_tried_again() -> None:
    async with receiving(0) as receiver:
        posted = await post(notifier(receiver.url), ROLLED_BACK, now_s=NOW_S)
    assert (posted.why, posted.again) == ("the connection broke off", True)


async def test_silence_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("control.notify.post.PATIENCE_S", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # connects, never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        posted = await post(notifier(url), ROLLED_BACK, now_s=NOW_S)
    assert (posted.why, posted.again) == ("no answer within 0.05 s", True)


@pytest.mark.parametrize("url", ["CANARY-TOKEN", "http://", "ftp://127.0.0.1/CANARY-TOKEN"])
async def test_what_is_no_url_is_given_up_without_being_said(url: str) -> None:
    posted = await post(notifier(url), ROLLED_BACK, now_s=NOW_S)
    assert posted.why == "its URL is none"
    assert not posted.again


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        url = f"https://127.0.0.1:{runner.addresses[0][1]}/"
        posted = await post(notifier(url), ROLLED_BACK, now_s=NOW_S)
    finally:
        await runner.cleanup()
    assert (posted.why, posted.again) == ("its certificate is not trusted", True)


async def test_the_url_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving(500) as receiver:
        await post(notifier(receiver.url, secret="CANARY-HOOK"), ROLLED_BACK, now_s=NOW_S)
    assert "CANARY" not in caplog.text
