"""One exact request on a connection of its own, and what both ends saw of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import NamedTuple

from tests.doubles.message import Message
from tests.doubles.raw import RawClient, connected
from tests.doubles.received import Received
from tests.e2e.apis import Apis
from tests.e2e.process import Crossfade


class Seen(NamedTuple):
    """An answer; `received` is the request as the model API has it, None where none has."""

    answer: Message
    received: Received | None

    @property
    def code(self) -> str:
        """The code of crossfade's own error, in OpenAI's shape."""
        return str(json.loads(self.answer.body)["error"]["code"])

    @property
    def arm(self) -> bytes | None:
        return self.answer.get(b"x-crossfade-arm")


@contextlib.asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[RawClient]]:
    """So many raw connections at once."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connected(port)) for _ in range(count)]


async def ask(crossfade: Crossfade, apis: Apis, *pieces: bytes) -> Seen:
    """Send a request and read its answer."""
    async with connected(crossfade.port) as client:
        answer = await client.ask(*pieces)
    served_by = answer.get(b"x-served-by")
    if served_by is None:
        return Seen(answer, None)
    server = apis.old if served_by == b"old" else apis.new
    number = answer.get(b"x-request-id") or b""
    return Seen(answer, server.requests[int(number.removeprefix(b"req_"))])
