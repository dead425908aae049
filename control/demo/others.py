"""Applications on other SDKs, whose requests no migration of the demo matches."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from types import MappingProxyType

from control.demo.callers import QUESTION

Asks = Callable[[str], str]


def _anthropic(url: str) -> str:
    import anthropic  # noqa: PLC0415 - half a second, and not installed with crossfade

    with anthropic.Anthropic(base_url=url, api_key="demo", max_retries=0) as client:
        message = client.messages.create(
            model="claude-demo",
            max_tokens=100,
            messages=[{"role": "user", "content": QUESTION}],
        )
    return "".join(block.text for block in message.content if block.type == "text")


def _gemini(url: str) -> str:
    from google import genai  # noqa: PLC0415 - a second, and not installed with crossfade
    from google.genai.types import HttpOptions  # noqa: PLC0415

    with genai.Client(api_key="demo", http_options=HttpOptions(base_url=url)) as client:
        answer = client.models.generate_content(model="gemini-demo", contents=QUESTION)
    return answer.text or ""


SDKS = MappingProxyType(
    {"anthropic": ("anthropic", _anthropic), "google-genai": ("google.genai", _gemini)}
)


def installed() -> dict[str, Asks]:
    """Each SDK that is there, and how to ask with it: a base URL in, the answer's text out."""
    return {name: ask for name, (package, ask) in SDKS.items() if _there(package)}


def _there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # the first part of its name is missing
        return False
