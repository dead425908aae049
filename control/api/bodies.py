"""What the mutating calls take: JSON, bounded, strictly of the published shape."""

from __future__ import annotations

import asyncio
from typing import Annotated, TypeVar

import msgspec
from aiohttp.web import BaseRequest

from control.api.errors import (
    BODY_TIMEOUT,
    BODY_TOO_LARGE,
    INVALID_BODY,
    NOT_JSON,
    Rejected,
)
from control.desk.desk import Ask

LARGEST = 4 * 1024 * 1024
PATIENCE_S = 30.0

Actor = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Version = Annotated[int, msgspec.Meta(ge=0)]


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call takes that changes nothing for good: who the caller says they are."""

    actor: Actor = "api"


class Plain(Signed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every verb takes; all of it may be left out.

    `wait: false` returns once the change is stored.
    """

    reason: Reason | None = None
    expected_version: Version | None = None
    wait: bool = True

    def ask(self) -> Ask:
        return Ask(
            actor=self.actor,
            reason=self.reason,
            expected_version=self.expected_version,
            wait=self.wait,
        )


class SetWeight(Plain, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The candidate's weight, 0 to 100 with at most two decimals."""

    percent: float


class Dismiss(Plain, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit's breach by the limit's key ("error_rate over 2%"), or all open ones without it."""

    limit: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class Promote(Plain, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To the next step, or with `full` to weight 100, which only an owner may."""

    full: bool = False


class Rehearse(Signed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A drill: the weight to shift to first (else the one in force), and how long to hold it."""

    percent: float | None = None
    hold_s: Annotated[float, msgspec.Meta(ge=0, le=10)] = 2.0


class Apply(Plain, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A migration file's text, and the text of each prompt file by the path that it is named by."""

    file: str
    files: dict[str, str] = {}


B = TypeVar("B")


async def read(request: BaseRequest, shape: type[B]) -> B:
    """The request's body in its shape. Refuses other content types, sizes and fields."""
    if request.content_type != "application/json":
        raise Rejected(NOT_JSON)
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # or aiohttp takes the answer for begun
    raw = await _bounded(request)
    try:
        return msgspec.json.decode(raw or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(INVALID_BODY, f"({error})") from None


async def _bounded(request: BaseRequest) -> bytes:
    whole = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for piece in request.content.iter_any():
                whole += piece
                if len(whole) > LARGEST:
                    raise Rejected(BODY_TOO_LARGE)
    except TimeoutError:
        raise Rejected(BODY_TIMEOUT) from None
    return bytes(whole)
