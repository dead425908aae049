"""The official SDKs, opened on a base URL and closed without a warning."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import anthropic
import openai
from google import genai
from google.genai import types

KEY = "sk-CANARY-sdk"


def openai_sdk(url: str, *, key: str = KEY, retries: int = 0) -> openai.AsyncOpenAI:
    """An OpenAI client, to be entered with `async with`."""
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=retries)


def anthropic_sdk(url: str, *, key: str = KEY, retries: int = 0) -> anthropic.AsyncAnthropic:
    """An Anthropic client, to be entered with `async with`."""
    return anthropic.AsyncAnthropic(base_url=url, api_key=key, max_retries=retries)


@contextlib.asynccontextmanager
async def gemini_sdk(url: str, *, key: str = KEY) -> AsyncIterator[genai.client.AsyncClient]:
    """A Gemini client on a session of ours: its own subclasses one, which aiohttp warns about."""
    async with aiohttp.ClientSession() as session:
        options = types.HttpOptions(base_url=url, aiohttp_client=session)
        with genai.Client(api_key=key, http_options=options) as client:
            yield client.aio
