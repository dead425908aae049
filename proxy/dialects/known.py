"""The paths that model APIs publish, as tables: what a POST means, what a segment stands for."""

from __future__ import annotations

from proxy.dialects.call import Call, Operation
from proxy.policy import Dialect


def _body(dialect: Dialect, operation: Operation) -> Call:
    """A call whose JSON body names the model."""
    return Call(dialect, operation, model_in_body=True, json_body=True)


OPENAI = {
    b"/chat/completions": _body(Dialect.OPENAI, Operation.CHAT),
    b"/completions": _body(Dialect.OPENAI, Operation.COMPLETIONS),
    b"/responses": _body(Dialect.OPENAI, Operation.RESPONSES),
    b"/responses/compact": _body(Dialect.OPENAI, Operation.RESPONSES),
    b"/responses/input_tokens": _body(Dialect.OPENAI, Operation.COUNT_TOKENS),
    b"/embeddings": _body(Dialect.OPENAI, Operation.EMBEDDINGS),
}
ANTHROPIC = {
    b"/messages": _body(Dialect.ANTHROPIC, Operation.MESSAGES),
    b"/messages/count_tokens": _body(Dialect.ANTHROPIC, Operation.COUNT_TOKENS),
}
OLLAMA = {
    b"/api/chat": _body(Dialect.OLLAMA, Operation.CHAT),
    b"/api/generate": _body(Dialect.OLLAMA, Operation.GENERATE),
    b"/api/embed": _body(Dialect.OLLAMA, Operation.EMBED),
    b"/api/embeddings": _body(Dialect.OLLAMA, Operation.EMBED),
}


def _under(bases: tuple[bytes, ...], calls: dict[bytes, Call]) -> dict[bytes, Call]:
    return {base + path: call for base in bases for path, call in calls.items()}


# Whole paths of a POST. No base at all is what a base URL without /v1 gives; /openai/v1 is Azure's
# and Groq's.
POSTS = {
    **OLLAMA,
    **_under((b"", b"/v1", b"/openai/v1"), OPENAI),
    **_under((b"", b"/v1"), ANTHROPIC),
}

# Ends of a POST's path under another server's base, such as /inference/v1/chat/completions; longest
# first. Other APIs have messages too, so Anthropic's need their /v1 and Ollama's their own name.
TAILS = sorted(
    (_under((b"/ollama",), OLLAMA) | _under((b"/v1",), ANTHROPIC) | OPENAI).items(),
    key=lambda item: -len(item[0]),
)

BASES = frozenset((b"v1", b"v1beta", b"v1alpha", b"v1beta1", b"openai", b"api", b"upload"))

# The first segment after a base: whose it is (None: of several APIs) and what it stands for.
ROOTS: dict[bytes, tuple[Dialect | None, Operation]] = {
    b"models": (None, Operation.MODELS),
    b"batches": (None, Operation.STORED),
    b"files": (None, Operation.STORED),
    b"skills": (None, Operation.STORED),
    b"assistants": (Dialect.OPENAI, Operation.STORED),
    b"audio": (Dialect.OPENAI, Operation.OTHER),
    b"chat": (Dialect.OPENAI, Operation.STORED),
    b"completions": (Dialect.OPENAI, Operation.OTHER),
    b"containers": (Dialect.OPENAI, Operation.STORED),
    b"conversations": (Dialect.OPENAI, Operation.STORED),
    b"deployments": (Dialect.OPENAI, Operation.OTHER),
    b"embeddings": (Dialect.OPENAI, Operation.OTHER),
    b"fine_tuning": (Dialect.OPENAI, Operation.OTHER),
    b"images": (Dialect.OPENAI, Operation.OTHER),
    b"moderations": (Dialect.OPENAI, Operation.OTHER),
    b"realtime": (Dialect.OPENAI, Operation.OTHER),
    b"responses": (Dialect.OPENAI, Operation.STORED),
    b"threads": (Dialect.OPENAI, Operation.STORED),
    b"uploads": (Dialect.OPENAI, Operation.STORED),
    b"vector_stores": (Dialect.OPENAI, Operation.STORED),
    b"complete": (Dialect.ANTHROPIC, Operation.OTHER),
    b"messages": (Dialect.ANTHROPIC, Operation.STORED),
    b"cachedContents": (Dialect.GEMINI, Operation.STORED),
    b"fileSearchStores": (Dialect.GEMINI, Operation.STORED),
    b"publishers": (Dialect.GEMINI, Operation.OTHER),
    b"tunedModels": (Dialect.GEMINI, Operation.STORED),
    b"ps": (Dialect.OLLAMA, Operation.MODELS),
    b"show": (Dialect.OLLAMA, Operation.MODELS),
    b"tags": (Dialect.OLLAMA, Operation.MODELS),
}
