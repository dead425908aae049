"""The calls about the process: is it alive, is it ready, what did it measure, who serves what."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp.web import StreamResponse

from control.api import answers, errors
from control.api.calls import Call
from control.api.facts import Readiness
from proxy.errors import PUBLISHED, Blame
from proxy.policy import Dialect

WHERE = {
    Dialect.OPENAI: "error.code",
    Dialect.ANTHROPIC: "error.code",
    Dialect.GEMINI: "error.details[0].reason",
    Dialect.OLLAMA: "code",
}


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The process lives and its loop turns."""

    status: str = "ok"


class ReadyBody(Readiness, frozen=True, kw_only=True):
    """The readiness, with a word for it: ready, degraded, draining or no_snapshot."""

    status: str
    environment: str


class TrafficError(msgspec.Struct, frozen=True, kw_only=True):
    """An error that crossfade itself answers an application with."""

    code: str
    status: int
    blame: Blame
    message: str
    retry_after_s: int | None


class ErrorTable(msgspec.Struct, frozen=True, kw_only=True):
    """Every error code: those that applications meet, and those of this API.

    `where` says where the code stands in each dialect's error body.
    """

    where: dict[Dialect, str]
    traffic: tuple[TrafficError, ...]
    admin: tuple[errors.Row, ...]


async def health(_: Call) -> StreamResponse:
    return answers.json(Health())


async def readiness(call: Call) -> StreamResponse:
    now = call.facts.readiness()
    body = ReadyBody(
        status=_word(now), environment=call.facts.environment, **msgspec.structs.asdict(now)
    )
    return answers.json(body, status=200 if now.ready else 503)


async def metrics(call: Call) -> StreamResponse:
    text = await asyncio.to_thread(call.facts.exposition)
    return answers.body(text, call.facts.exposition_type)


async def workers(call: Call) -> StreamResponse:
    return answers.json(await call.desk.workers())


async def error_table(_: Call) -> StreamResponse:
    return answers.json(published())


def published() -> ErrorTable:
    """The table of every error code."""
    traffic = tuple(
        TrafficError(
            code=failure.code,
            status=failure.status,
            blame=failure.blame,
            message=failure.message,
            retry_after_s=failure.retry_after_s,
        )
        for failure in PUBLISHED
    )
    return ErrorTable(where=WHERE, traffic=traffic, admin=errors.PUBLISHED)


def _word(now: Readiness) -> str:
    if now.draining:
        return "draining"
    if now.snapshot_version is None:
        return "no_snapshot"
    return "degraded" if now.degraded else "ready"
