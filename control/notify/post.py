"""Sends one message once, and says what came of it without ever saying where it went."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from aiohttp import ClientTimeout, DummyCookieJar

from control.notify.bodies import body
from control.notify.message import Message
from control.notify.signature import signed
from control.words.notifiers import Notifier

PATIENCE_S = 5.0
DELIVERY = "x-crossfade-delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of one try; `why` is None for a message that arrived.

    `again` says whether another try may help, `after_s` how long the receiver asked to wait.
    """

    why: str | None = None
    again: bool = False
    after_s: float | None = None


async def post(notifier: Notifier, message: Message, *, now_s: int) -> Posted:
    """Posts the message; follows no redirect, uses no proxy of the environment, keeps no cookie."""
    sent = body(notifier.kind, message)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "crossfade",
        DELIVERY: message.id,
        **signed(notifier.secret, sent, now_s),
    }
    try:
        async with (
            aiohttp.ClientSession(
                timeout=ClientTimeout(total=PATIENCE_S),
                cookie_jar=DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.post(
                notifier.url.reveal(), data=sent, headers=headers, allow_redirects=False
            ) as answer,
        ):
            return _answered(answer.status, answer.headers.get("Retry-After"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return _failed(error)


def _answered(status: int, retry_after: str | None) -> Posted:
    if 200 <= status < 300:
        return Posted()
    asked = float(retry_after) if retry_after and retry_after.isdigit() else None
    again = status >= 500 or status in (408, 429)
    return Posted(why=f"it answered {status}", again=again, after_s=asked)


def _failed(error: Exception) -> Posted:
    """The error's own text is never used: it may hold the URL."""
    match error:
        case TimeoutError():
            return Posted(why=f"no answer within {PATIENCE_S:g} s", again=True)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Posted(why="its certificate is not trusted", again=True)
        case aiohttp.ClientConnectorError():
            return Posted(why="it cannot be connected to", again=True)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | ValueError():
            return Posted(why="its URL is none")
        case _:
            return Posted(why="the connection broke off", again=True)
