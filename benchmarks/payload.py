"""The request, the answer and the event that every peer carries."""

from __future__ import annotations

import json

PATH = "/v1/chat/completions"
MODEL = "gpt-4o"
EVENT_BYTES = 300
_PROMPT = (
    "You are the triage desk of a support team. Read the ticket below, name the product, the "
    "severity and the team that should answer it, and write one polite sentence to the customer. "
)
_TICKET = (
    "Since this morning the export of our monthly report ends with an empty file. We have tried "
    "two browsers and a new export; the smaller weekly report works. We need it before the board "
    "meets on Thursday, and would be glad about a way around it until then. "
)


def request_body(*, stream: bool = False, ask_usage: bool = False, pad: int = 0) -> bytes:
    """A chat request of about 0.9 KB, or of at least `pad` bytes."""
    ticket = _TICKET + "x" * max(0, pad - 900)
    body: dict[str, object] = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": _PROMPT},
            {"role": "user", "content": ticket},
        ],
        "temperature": 0.2,
        "max_tokens": 256,
        "top_p": 1,
        "response_format": {"type": "text"},
    }
    if stream:
        body["stream"] = True
    if ask_usage:
        body["stream_options"] = {"include_usage": True}
    return json.dumps(body).encode()


def answer_body(name: str) -> bytes:
    """A chat completion of about 0.9 KB with its usage."""
    text = "Product: reports. Severity: 2. Team: exports. " + "We are looking into it today. " * 12
    answer = {
        "id": "chatcmpl-benchmark-000000000001",
        "object": "chat.completion",
        "created": 1790000000,
        "model": f"{MODEL}-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text.strip(), "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 182,
            "completion_tokens": 71,
            "total_tokens": 253,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "system_fingerprint": f"fp_{name}",
    }
    return json.dumps(answer).encode()


def event(stamp_ns: int) -> bytes:
    """One streamed event of 300 bytes; `stamp_ns` says when it was sent, in 20 digits."""
    start = (
        b'data: {"id":"chatcmpl-benchmark-000000000001","object":"chat.completion.chunk",'
        b'"created":1790000000,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_benchmark",'
        b'"sent_ns":"%020d","choices":[{"index":0,"delta":{"content":"' % stamp_ns
    )
    end = b'"},"logprobs":null,"finish_reason":null}]}\n\n'
    return start + b"w" * (EVENT_BYTES - len(start) - len(end)) + end


STAMP = b'"sent_ns":"'


def request_head(length: int, *extra: str) -> bytes:
    """The head of the request, for generators that write bytes."""
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Authorization: Bearer sk-benchmark",
        "User-Agent: benchmark",
        f"Content-Length: {length}",
        *extra,
    ]
    return "\r\n".join([*lines, "", ""]).encode()
