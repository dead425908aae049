"""Accounts for tests: a bench with one request on its way, and answers to it."""

from __future__ import annotations

import json

from proxy.carrying.account import Account
from proxy.exchange import Exchange, Usage
from proxy.http.head import AnswerHead
from proxy.metering.meter import Meter
from proxy.metering.reading import BYTES_PER_TOKEN
from proxy.policy import Route
from tests.doubles.requests import prompt, request
from tests.doubles.worker import Bench
from tests.proxy.aims import OPENAI, SECOND, aim, to

BODY = json.dumps(
    {
        "model": "gpt-4o-mini",
        "choices": [{"message": {"content": "Hi"}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 4},
    }
).encode()
USED = Usage(input=10, output=4)
COST = 10 * 1_000_000 + 4 * 2_000_000  # picousd, at the bench's 1 and 2 USD per million tokens
FIRST = b'data: {"choices":[{"delta":{"content":"Hello you"}}]}\n\n'
TOTAL = b'data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4}}\n\n'
DONE = b"data: [DONE]\n\n"


def json_head(status: int = 200) -> AnswerHead:
    return AnswerHead(
        *(status, b"", []),
        length=1,
        chunked=False,
        reusable=True,
        kind=b"application/json",
    )


def stream_head() -> AnswerHead:
    return AnswerHead(
        *(200, b"", []), length=None, chunked=True, reusable=True, kind=b"text/event-stream"
    )


class Books(Bench):
    """A bench and one account on it, of a request on its way."""

    def __init__(self, *routes: Route, raw: bytes | None = None, sent: bool = True) -> None:
        super().__init__(OPENAI, SECOND, routes=routes or (to(10_000),))
        self.account = Account(self.worker, self.clock.now)
        self.meter: Meter | None = None  # of an answer that comes in pieces
        self.account.request_bytes = 100 * BYTES_PER_TOKEN
        routing = self.worker.routing
        assert routing is not None
        self.account.aimed(aim(routing, raw or request(body=prompt())))
        if sent:
            self.account.sent(warm=True)

    def after(self, microseconds: int) -> int:
        self.clock.now += microseconds
        return self.clock.now

    def answer(self, head: AnswerHead, payload: bytes, *, whole: bool = True) -> None:
        self.meter = self.account.answered(head, payload, self.clock.now, whole=whole)

    def feed(self, payload: bytes, microseconds: int) -> None:
        """More of a stream, so much later."""
        assert self.meter is not None
        self.meter.feed(payload, self.after(microseconds))

    def only(self) -> Exchange:
        """The one exchange that is recorded."""
        (exchange,) = self.exchanges
        return exchange
