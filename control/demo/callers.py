"""The applications of the demo: what their users run, with nothing but the base URL changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from importlib.util import find_spec
from typing import Protocol, Self

import aiohttp

from control.demo.files import ASKED

TOGETHER = 24
QUESTION = "Where is my parcel? It was due yesterday."


class Failed(Exception):
    """The answer was an error."""


class Caller(Protocol):
    """An application that asks in the name of its customers."""

    says: str

    async def ask(self, customer: str) -> str:
        """Ask once; the arm that answered, "none" where no migration matched. Raises Failed."""

    def stream(self, customer: str) -> AsyncIterator[str]:
        """Ask once; the answer's words as they come."""


def openai_caller(url: str) -> OpenAiCaller | PlainCaller:
    """The openai SDK, or plain HTTP where it is not installed."""
    return OpenAiCaller(url) if find_spec("openai") else PlainCaller(url)


async def ask_all(caller: Caller, customers: Iterable[str]) -> dict[str, str]:
    """The arm of every customer, some of them asking at the same time."""
    turn = asyncio.Semaphore(TOGETHER)

    async def one(customer: str) -> tuple[str, str]:
        async with turn:
            return customer, await caller.ask(customer)

    return dict(await asyncio.gather(*map(one, customers)))


class OpenAiCaller:
    """The openai SDK; a customer is the request's `user`, as many applications send it anyway."""

    says = "the openai SDK"

    def __init__(self, url: str) -> None:
        import openai  # noqa: PLC0415 - half a second, and not installed with crossfade

        self._client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="demo", max_retries=0)
        self._refused = openai.APIStatusError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def ask(self, customer: str) -> str:
        try:
            answer = await self._client.chat.completions.with_raw_response.create(
                model=ASKED, user=customer, messages=[{"role": "user", "content": QUESTION}]
            )
        except self._refused as error:
            raise Failed from error
        return answer.headers.get("x-crossfade-arm", "none")

    async def stream(self, customer: str) -> AsyncIterator[str]:
        chunks = await self._client.chat.completions.create(
            model=ASKED,
            user=customer,
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
        )
        async for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


class PlainCaller:
    """The same requests without an SDK."""

    says = "plain HTTP (the openai SDK is not installed)"

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/chat/completions"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, customer: str) -> str:
        async with self._session.post(self._url, json=_body(customer)) as answer:
            if answer.status >= 400:
                raise Failed(answer.status)
            await answer.read()
            return answer.headers.get("x-crossfade-arm", "none")

    async def stream(self, customer: str) -> AsyncIterator[str]:
        body = _body(customer) | {"stream": True}
        async with self._session.post(self._url, json=body) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                word = _word(line.decode().strip().removeprefix("data: "))
                if word:
                    yield word


def _word(data: str) -> str | None:
    """What an event's data says; the one that opens the stream and the last one say nothing."""
    if not data.startswith("{"):
        return None
    delta: dict[str, str] = json.loads(data)["choices"][0]["delta"]
    return delta.get("content")


def _body(customer: str) -> dict[str, object]:
    messages = [{"role": "user", "content": QUESTION}]
    return {"model": ASKED, "user": customer, "messages": messages}
