"""A webhook's other end on loopback: it keeps what it gets and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web


class Got(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """`answers` are given out in order, the last one for ever; 0 breaks the connection off."""

    def __init__(self, answers: Iterable[int] = (200,), headers: dict[str, str] | None = None):
        self.got: list[Got] = []
        self.url = ""
        self._answers = list(answers)
        self._headers = headers or {}
        self._news = asyncio.Condition()

    async def answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        async with self._news:
            self.got.append(Got(request.path, headers, await request.read()))
            self._news.notify_all()
        status = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not status:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status or 200, headers=self._headers)

    async def received(self, count: int) -> list[Got]:
        """Waits until so many requests have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.got) >= count)
        return self.got


@asynccontextmanager
async def receiving(*answers: int, **headers: str) -> AsyncIterator[Receiver]:
    receiver = Receiver(
        answers or (200,), {name.replace("_", "-"): v for name, v in headers.items()}
    )
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/CANARY-TOKEN"
        yield receiver
    finally:
        await runner.cleanup()
