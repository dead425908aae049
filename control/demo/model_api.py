"""A small real model API on loopback: a process of its own, for the demo alone."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence

from aiohttp import web

from control.demo import answers
from control.demo.answers import Asked

READ_MOST = 1024 * 1024
TURN_BAD = "/turn-bad/"


class ModelApi:
    """Three dialects' paths, answered after `first_ms`; streams bring a word each `gap_ms`.

    A POST to /turn-bad/PERCENT makes it answer 500 to that share of the requests from then on.
    """

    def __init__(self, *, name: str, first_ms: float, gap_ms: float) -> None:
        self._name = name
        self._first_s = first_ms / 1000
        self._gap_s = gap_ms / 1000
        self._bad_percent = 0
        self._asked = 0

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=READ_MOST)
        app.router.add_post(TURN_BAD + "{percent:[0-9]{1,2}}", self._turn_bad)
        app.router.add_post("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = answers.understand(request.path, await request.read())
        except ValueError as error:
            return _error(400, f"unreadable: {error}")
        if asked is None:
            return _error(404, f"{request.path} is not spoken here")
        await asyncio.sleep(self._first_s)
        if self._fails():
            return _error(500, "the model is overloaded", kind="server_error")
        words = [f"[{self._name}]", *answers.SPEECH.split()]
        if asked.stream:
            return await self._stream(request, asked, words)
        return web.json_response(answers.whole(asked, words))

    async def _turn_bad(self, request: web.Request) -> web.Response:
        self._bad_percent = int(request.match_info["percent"])
        return web.json_response({"bad_percent": self._bad_percent})

    def _fails(self) -> bool:
        """Every so many requests one, so that the share is kept from the first few on."""
        before, self._asked = self._asked, self._asked + 1
        return self._asked * self._bad_percent // 100 > before * self._bad_percent // 100

    async def _stream(
        self, request: web.Request, asked: Asked, words: Sequence[str]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in answers.events(asked, words):
            await response.write(answers.frame(event))
            await asyncio.sleep(self._gap_s)
        await response.write_eof()
        return response


def _error(status: int, text: str, *, kind: str = "invalid_request_error") -> web.Response:
    error = {"error": {"message": text, "type": kind, "param": None}}
    return web.json_response(error, status=status)


async def serve(api: ModelApi) -> None:
    """Serve on a free port, after a line of JSON that says which.

    Ends with SIGTERM, and with standard input, which has to be a pipe: its other end is the demo.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin, stop.set)  # nothing is ever written there: it can only end
    runner = web.AppRunner(api.app(), access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """`python -m control.demo.model_api --name old`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--first-ms", type=float, default=0)
    parser.add_argument("--gap-ms", type=float, default=0)
    given = parser.parse_args()
    asyncio.run(serve(ModelApi(name=given.name, first_ms=given.first_ms, gap_ms=given.gap_ms)))


if __name__ == "__main__":
    main()
