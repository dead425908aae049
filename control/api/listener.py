"""The admin API's socket: aiohttp's server, with crossfade's own answer to what is not HTTP."""

from __future__ import annotations

import asyncio
import logging
import os
from asyncio import Server
from collections.abc import Mapping

from aiohttp import web

from control.api import errors
from control.api.errors import MALFORMED, Rejected
from control.api.facts import Facts
from control.api.gate import Gate
from control.api.guard import guard_for
from control.api.watchers import Watchers
from control.desk.desk import Desk
from control.roles import Role
from proxy.policy import Secret

LAST_ANSWERS_S = 2.0
LINGER_S = 1.0  # so long the rest of an unwanted body is read, so that the refusal arrives

log = logging.getLogger(__name__)


class AdminApi:
    """The admin API on one address.

    `watchers.ring` may be called when something changed that this API did not change itself; it
    makes the streams of events tell at once what they would find within a second.
    """

    def __init__(self, *, desk: Desk, facts: Facts, tokens: Mapping[Role, Secret]) -> None:
        self.watchers = Watchers()
        self._desk = desk
        self._facts = facts
        self._tokens = tokens
        self._server: web.Server | None = None
        self._socket: Server | None = None

    async def listen(self, address: str) -> str:
        """Serves at `HOST:PORT` or `unix:/path`; returns the address with the port that it got."""
        gate = Gate(
            desk=self._desk,
            facts=self._facts,
            guard=guard_for(address, self._tokens),
            watchers=self.watchers,
        )
        self._server = _Server(
            gate.answer,
            access_log=None,
            auto_decompress=False,  # a small body stays small
            lingering_time=LINGER_S,
        )
        self._socket = await _bound(self._server, address)
        return _spelt(address, self._socket)

    async def close(self) -> None:
        """Takes no more requests, ends the streams of events, lets running calls finish (2 s)."""
        self.watchers.close()
        if self._socket is not None and self._server is not None:
            self._socket.close()
            self._server.pre_shutdown()
            await self._server.shutdown(LAST_ANSWERS_S)


class _Connection(web.RequestHandler):
    """aiohttp's connection, which answers what is not HTTP without echoing it or naming itself."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it echoes the request
    ) -> web.StreamResponse:
        log.debug("admin_request_malformed status=%d why=%s", status, type(exc).__name__)
        if request.writer.output_size:
            raise ConnectionError("an answer has begun, so there cannot be another")
        answer = errors.rejected(Rejected(MALFORMED))
        answer.force_close()
        return answer


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


async def _bound(server: web.Server, address: str) -> Server:
    loop = asyncio.get_running_loop()
    if not address.startswith("unix:"):
        host, _, port = address.rpartition(":")
        return await loop.create_server(server, host.strip("[]"), int(port))
    before = os.umask(0o177)  # only this user may connect, from the socket's first moment on
    try:
        return await loop.create_unix_server(server, address.removeprefix("unix:"))
    finally:
        os.umask(before)


def _spelt(address: str, bound: Server) -> str:
    if address.startswith("unix:"):
        return address
    host, _, _ = address.rpartition(":")
    return f"{host}:{bound.sockets[0].getsockname()[1]}"
