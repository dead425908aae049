"""The key safety gate: whatever goes wrong beside it, every answer is its own request's."""

from __future__ import annotations

import asyncio
import random
import re

import pytest

from proxy.exchange import Outcome
from proxy.policy import Limits
from tests.doubles.plane import Running, running, toward
from tests.doubles.raw import RawClient, RawUpstream
from tests.doubles.requests import chunked, get, request
from tests.doubles.wire import Wire

EXCHANGES = 10_000
CLIENTS = 20
_NONCE = re.compile(rb"/(\w+)/(\d+)$")


class Liar:
    """An upstream whose every answer carries its request's nonce, and which misbehaves on demand.

    The path is /DEED/NONCE. `served` counts the requests.
    """

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self.served = 0

    async def play(self, wire: Wire) -> None:
        while await wire.more():
            head = await wire.read_head()
            found = _NONCE.search(head.target)
            assert found is not None, head.raw
            deed, nonce = found[1].decode(), found[2]
            self.served += 1
            if deed == "early":  # answers while the body is still coming
                await wire.send(_sized(nonce))
                await wire.closed()
                return
            await _read_body(wire, head.length, chunked=head.chunked)
            if not await self._do(deed, nonce, wire):
                return

    async def _do(self, deed: str, nonce: bytes, wire: Wire) -> bool:
        """Answer; False ends the connection."""
        match deed:
            case "good":
                await wire.send(*_cut(self._draw, self._draw.choice((_sized, _chunks))(nonce)))
                return True
            case "extra":
                await wire.send(_sized(nonce) + _sized(b"999999999"))
                await wire.closed()
                return False
            case "cut":
                await wire.send(_chunks(nonce)[: self._draw.randrange(40, 60)])
                return False
            case "reset":
                wire.reset()
                return False
            case "broken":
                await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n" + nonce)
                await wire.closed()
                return False
            case "error":
                text = b"HTTP/1.1 429 No\r\nContent-Length: %d\r\n\r\n%b"
                await wire.send(text % (len(nonce), nonce))
                return True
            case _:  # silence
                await wire.closed()
                return False


def _sized(nonce: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(nonce), nonce)


def _chunks(nonce: bytes) -> bytes:
    parts = b"".join(b"1\r\n%c\r\n" % byte for byte in nonce)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % parts


def _cut(draw: random.Random, text: bytes) -> tuple[bytes, ...]:
    at = draw.randrange(len(text))
    return (text,) if draw.random() < 0.7 else (text[:at], text[at:])


async def _read_body(wire: Wire, length: int | None, *, chunked: bool) -> None:
    if chunked:
        await wire.until(b"0\r\n\r\n")
    elif length:
        await wire._exactly(length)


class Client:
    """Makes requests good and bad, on as few connections as it is allowed, and checks answers."""

    def __init__(self, proxy: Running, number: int, seed: int) -> None:
        self._proxy = proxy
        self._draw = random.Random(seed * 1000 + number)
        self._nonces = iter(range(number * 1_000_000, (number + 1) * 1_000_000))
        self.answered = 0

    async def run(self, exchanges: int) -> None:
        done = 0
        while done < exchanges:
            async with self._proxy.client() as connection:
                while done < exchanges:
                    done += 1
                    if not await self._one(connection):
                        break

    async def _one(self, connection: RawClient) -> bool:
        """One round; False when the connection must not be used again."""
        nonce = b"%d" % next(self._nonces)
        match self._draw.choices(_DEEDS, _WEIGHTS)[0]:
            case "pipeline":
                return await self._pipeline(connection, nonce)
            case "leave":
                await connection.send(self._request(b"/silence/" + nonce))
                connection.reset()
                return False
            case "smuggle":
                sent = request(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"")
                answer = await connection.ask(sent + b"0\r\n\r\n" + get(b"/good/" + nonce))
                assert (answer.status, await connection.rest()) == (400, b"")
                return False
            case deed:
                await connection.send(self._request(b"/%b/%b" % (deed.encode(), nonce)))
                return await self._check(connection, deed, nonce)

    async def _pipeline(self, connection: RawClient, nonce: bytes) -> bool:
        nonces = [nonce, *(b"%d" % next(self._nonces) for _ in range(3))]
        await connection.send(b"".join(self._request(b"/good/" + one) for one in nonces))
        return all([await self._check(connection, "good", one) for one in nonces])

    def _request(self, target: bytes) -> bytes:
        if target.startswith(b"/early/"):
            return request(b"Content-Length: 1000", target=target) + b"x" * 10
        match self._draw.randrange(4):
            case 0:
                return get(target)
            case 1:
                return chunked([b"ab", b"c"], target=target)
            case _:
                return request(target=target, body=b"x" * self._draw.randrange(1, 300))

    async def _check(self, connection: RawClient, deed: str, nonce: bytes) -> bool:
        answer = await connection.read_message()
        if answer.status in (200, 429) and answer.complete:
            assert answer.body == nonce
            self.answered += 1
        elif answer.status == 200:
            assert nonce.startswith(answer.body)
        else:
            assert answer.status == 502, answer.raw
            assert b"crossfade_error" in answer.body
        if deed in ("good", "error"):
            assert answer.complete
        return answer.complete and answer.get(b"connection") is None


_DEEDS = (
    "good",
    "pipeline",
    "error",
    "extra",
    "cut",
    "reset",
    "broken",
    "early",
    "leave",
    "smuggle",
)
_WEIGHTS = (60, 5, 8, 5, 5, 4, 4, 3, 4, 2)


# 42: 10,000 randomised good and bad exchanges on pooled connections, every answer with its nonce
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_answer_is_its_own_requests(seed: int) -> None:
    liar = Liar(seed)
    async with (
        RawUpstream(liar.play) as upstream,
        running(toward(upstream), limits=Limits(max_streams=1000)) as proxy,
    ):
        clients = [Client(proxy, number, seed) for number in range(1, CLIENTS + 1)]
        each = EXCHANGES // 2 // CLIENTS
        await asyncio.gather(*(client.run(each) for client in clients))
        await proxy.until(lambda: proxy.plane.active == 0)
        assert sum(client.answered for client in clients) > EXCHANGES // 4
        assert len(upstream.wires) < liar.served / 2  # connections were in fact reused
        known = {Outcome.OK, Outcome.CLIENT_ERROR, Outcome.UPSTREAM_ERROR}
        known |= {Outcome.UPSTREAM_TRUNCATED, Outcome.CLIENT_CANCELLED}
        assert {exchange.outcome for exchange in proxy.exchanges} == known
