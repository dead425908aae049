"""A proxy as one would write it on aiohttp, doing crossfade's work: parse the body, split by a
keyed hash, put the model in, forward, read the usage, count and record the time."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import ssl
import time
import uuid
from collections import Counter

import msgspec
import uvloop
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from hdrh.histogram import HdrHistogram

_SALT = b"a-salt-of-16-byt"
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te"})


class Proxy:
    """Forwards every request to one of two URLs."""

    def __init__(self, session: ClientSession, old: str, new: str) -> None:
        self._session = session
        self._urls = (old, new)
        self._times = HdrHistogram(1, 3_600_000_000, 2)
        self._tokens: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One exchange, streamed as it comes."""
        started = time.monotonic()
        body = await request.read()
        fields = msgspec.json.decode(body)
        key = request.headers.get("x-crossfade-key") or uuid.uuid4().hex
        digest = hashlib.blake2b(key.encode(), key=_SALT, digest_size=8).digest()
        candidate = int.from_bytes(digest, "big") * 10_000 >> 64 < 1_000
        if candidate:
            fields["model"] = "gpt-4o-mini"
            body = msgspec.json.encode(fields)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        url = self._urls[candidate] + request.raw_path
        async with self._session.request("POST", url, data=body, headers=headers) as answer:
            response = web.StreamResponse(status=answer.status)
            kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
            response.headers.update(kept)
            response.content_length = answer.content_length
            await response.prepare(request)
            tail = b""
            async for piece in answer.content.iter_any():
                if answer.content_type == "application/json" or b'"usage"' in piece:
                    tail += piece
                await response.write(piece)
            await response.write_eof()
            self._count(tail, candidate)
        self._times.record_value(int((time.monotonic() - started) * 1e6))
        return response

    def _count(self, tail: bytes, candidate: bool) -> None:
        if not tail.startswith(b"{"):
            return
        usage = msgspec.json.decode(tail).get("usage") or {}
        arm = "candidate" if candidate else "baseline"
        self._tokens[f"{arm}.input"] += usage.get("prompt_tokens", 0)
        self._tokens[f"{arm}.output"] += usage.get("completion_tokens", 0)


async def _serve(port: int, old: str, new: str, ca_file: str | None) -> None:
    trust = ssl.create_default_context(cafile=ca_file) if ca_file else True
    connector = TCPConnector(limit=0, ssl=trust)
    patient = ClientTimeout(total=None)
    async with ClientSession(
        connector=connector, auto_decompress=False, timeout=patient
    ) as session:
        proxy = Proxy(session, old, new)
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route("*", "/{path:.*}", proxy.handle)
        runner = web.AppRunner(application, access_log=None, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
        await asyncio.Event().wait()


def main() -> None:
    """`python -m benchmarks.peers.aiohttp_proxy PORT OLD_URL NEW_URL [--ca-file FILE]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--ca-file")
    given = parser.parse_args()
    uvloop.run(_serve(given.port, given.old, given.new, given.ca_file))


if __name__ == "__main__":
    main()
