"""Acting out one script on one connection: heads, delays, holds, compression, cuts."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from typing import NoReturn

import brotli
import zstandard
from aiohttp import web

from tests.doubles.received import Received
from tests.doubles.reply import Reply
from tests.doubles.script import Script
from tests.doubles.wiretap import TappedTransport


class Severed(Exception):
    """The script ended the connection."""


async def perform(request: web.BaseRequest, received: Received, reply: Reply) -> web.StreamResponse:
    """Send `reply` the way the request's script says; raises Severed where that ends it."""
    script, answer = received.script, received.answer
    await asyncio.sleep(script.delay_s)
    if script.hold_head:
        await _hold(received)
    if script.vanish:
        sever(request, script)
    answer.status, answer.events = script.status, reply.pieces
    pieces = _encoded(_shaped(reply, script), script.encoding)
    response = _head(request, received, reply, sum(map(len, pieces)))
    await response.prepare(request)
    if request.method != "HEAD" and script.status not in (204, 304):
        await _body(request, response, received, pieces)
    if script.hang:
        await asyncio.Event().wait()
    await response.write_eof()
    return response


def sever(request: web.BaseRequest, script: Script) -> NoReturn:
    """End the connection with the script's FIN or RST."""
    transport = request.transport
    assert isinstance(transport, TappedTransport)
    transport.sever(reset=script.cut == "rst")
    raise Severed


async def _hold(received: Received) -> None:
    received.held.set()
    await received.go.wait()


def _head(
    request: web.BaseRequest, received: Received, reply: Reply, length: int
) -> web.StreamResponse:
    script = received.script
    headers = {
        "Content-Type": reply.content_type,
        "x-request-id": f"req_{received.number:08d}",
        "request-id": f"req_{received.number:08d}",
        "openai-processing-ms": "7",
        "x-ratelimit-remaining-requests": "9999",
        "anthropic-ratelimit-requests-remaining": "9999",
    }
    headers |= {"Retry-After": script.retry_after} if script.retry_after else {}
    headers |= {"Content-Encoding": script.encoding} if script.encoding else {}
    response = web.StreamResponse(status=script.status, headers=headers | reply.headers)
    response.headers.update(script.headers)
    if script.close or request.version < (1, 1):
        response.force_close()
    if not reply.streams:
        response.content_length = length
    elif request.version >= (1, 1):
        response.enable_chunked_encoding()
    return response


async def _body(
    request: web.BaseRequest,
    response: web.StreamResponse,
    received: Received,
    pieces: list[bytes],
) -> None:
    script, sent = received.script, received.answer.body
    for number, piece in enumerate(pieces):
        if number and script.event_delay_s:
            await asyncio.sleep(script.event_delay_s)
        if script.hold_after == number:
            await _hold(received)
        left = len(piece)
        if script.cut_after_bytes is not None:
            left = script.cut_after_bytes - sent.length
        sent.add(piece[:left])
        await response.write(piece[:left])
        await _drained(request)
        if left < len(piece) or script.cut_after_bytes == sent.length:
            sever(request, script)
    if script.hold_after == len(pieces):
        await _hold(received)


async def _drained(request: web.BaseRequest) -> None:
    writer = request.writer
    await writer.drain()


def _shaped(reply: Reply, script: Script) -> list[bytes]:
    pieces = list(reply.pieces)
    if script.comments and reply.streams:
        pieces = [b": keep-alive\n\n" + piece for piece in pieces]
    if script.joined:
        pieces = [b"".join(pieces)]
    if not reply.streams and len(pieces[0]) > _WRITE:
        whole = pieces[0]
        pieces = [whole[at : at + _WRITE] for at in range(0, len(whole), _WRITE)]
    return pieces


_WRITE = 64 * 1024


def _encoded(pieces: list[bytes], encoding: str | None) -> list[bytes]:
    """Each piece compressed and flushed, so that a reader can inflate as they come."""
    if encoding is None:
        return pieces
    compress, flush, finish = _coder(encoding)
    coded = [compress(piece) + flush() for piece in pieces]
    coded[-1] += finish()
    return coded


def _coder(
    encoding: str,
) -> tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]:
    match encoding:
        case "gzip" | "deflate":
            squeeze = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
            return squeeze.compress, lambda: squeeze.flush(zlib.Z_SYNC_FLUSH), squeeze.flush
        case "br":
            brot = brotli.Compressor()
            return brot.process, brot.flush, brot.finish
        case "zstd":
            zst = zstandard.ZstdCompressor().compressobj()
            block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
            return zst.compress, lambda: zst.flush(block), zst.flush
        case _:
            return bytes, bytes, bytes  # a coding nobody knows: the bytes as they are
