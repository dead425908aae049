"""Answers of every API, written down as they go over the wire, with what they mean."""

from tests.proxy.golden.anthropic import ANTHROPIC
from tests.proxy.golden.chat import CHAT
from tests.proxy.golden.gemini import GEMINI
from tests.proxy.golden.golden import JSON, NDJSON, SSE, Golden
from tests.proxy.golden.ollama import OLLAMA
from tests.proxy.golden.openai import OPENAI
from tests.proxy.golden.responses import RESPONSES

ALL = (*CHAT, *OPENAI, *RESPONSES, *ANTHROPIC, *GEMINI, *OLLAMA)
STREAMS = tuple(golden for golden in ALL if golden.content_type != JSON or golden.call.streams)

__all__ = ["ALL", "JSON", "NDJSON", "SSE", "STREAMS", "Golden"]
