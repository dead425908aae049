"""The system prompt's edit, in the shape of each dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import partial

import msgspec

from proxy.dialects.call import Operation
from proxy.policy import Dialect, Placement, SystemPrompt
from proxy.routing.reshape import Changes, Rewrite, reshaped, same

_BETWEEN = b"\\n\\n"  # a blank line between the caller's text and the arm's, as JSON spells it
_ROLES = ("system", "developer")
_EMPTY_ARRAY = re.compile(rb"\[[ \t\r\n]*\]")
_UP_TO_ELEMENT = re.compile(r"[ \t\r\n,]*")
# Numbers stay text: only roles are looked at, and Python refuses to read very long integers.
_scan = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def rewrites(
    prompt: SystemPrompt, dialect: Dialect, operation: Operation, names: Collection[str]
) -> dict[str, Rewrite]:
    """What the edit does to a body whose members have these names; nothing where none may be."""
    match dialect, operation:
        case ((Dialect.OPENAI | Dialect.OLLAMA), Operation.CHAT):
            return {"messages": partial(_messages, prompt)}
        case Dialect.OPENAI, Operation.RESPONSES:
            return {"instructions": partial(_worded, prompt)}
        case Dialect.ANTHROPIC, (Operation.MESSAGES | Operation.COUNT_TOKENS):
            return {"system": partial(_worded, prompt)}
        case Dialect.OLLAMA, Operation.GENERATE:
            return {"system": partial(_worded, prompt)}
        case Dialect.GEMINI, Operation.GENERATE:
            snake = "system_instruction"  # the API takes both spellings of each name
            name = snake if snake in names else "systemInstruction"
            return {name: partial(_instruction, prompt)}
        case _:
            return {}


def _messages(prompt: SystemPrompt, messages: bytes | None) -> bytes | None:
    """OpenAI's and Ollama's chat: the first system or developer message, else a new one."""
    if messages is None or not messages.startswith(b"["):
        return messages
    span = _first_prompt(messages)
    if span is None:
        message = {"role": "system", "content": prompt.text}
        return _with_first(messages, message) if prompt.text else messages
    start, end = span
    old = messages[start:end]
    new = reshaped(old, Changes({"content": partial(_worded, prompt)}))
    return messages if new is old else messages[:start] + new + messages[end:]


def _instruction(prompt: SystemPrompt, instruction: bytes | None) -> bytes | None:
    """Gemini: an object with parts."""
    if instruction is None or instruction == b"null":
        new = reshaped(b"{}", Changes({"parts": partial(_parts, prompt)}))
        return instruction if new == b"{}" else new
    if instruction.startswith(b"{"):
        return reshaped(instruction, Changes({"parts": partial(_parts, prompt)}))
    return instruction


def _parts(prompt: SystemPrompt, parts: bytes | None) -> bytes | None:
    part = {"text": prompt.text}
    if parts is None or parts == b"null":
        return msgspec.json.encode([part]) if prompt.text else parts
    return _listed(prompt, parts, part) if parts.startswith(b"[") else parts


def _worded(prompt: SystemPrompt, content: bytes | None) -> bytes | None:
    """A text, or a list of blocks of which some are text."""
    if content is None or content == b"null":
        return msgspec.json.encode(prompt.text) if prompt.text else content
    if content.startswith(b'"'):
        return _joined(prompt, content)
    if content.startswith(b"["):
        return _listed(prompt, content, {"type": "text", "text": prompt.text})
    return content


def _joined(prompt: SystemPrompt, old: bytes) -> bytes:
    text = msgspec.json.encode(prompt.text)
    if prompt.placement is Placement.REPLACE:
        return old if same(old, text) else text
    if not prompt.text:
        return old
    if old == b'""':
        return text
    if prompt.placement is Placement.PREPEND:
        return text[:-1] + _BETWEEN + old[1:]
    return old[:-1] + _BETWEEN + text[1:]


def _listed(prompt: SystemPrompt, blocks: bytes, block: Mapping[str, object]) -> bytes:
    if prompt.placement is Placement.REPLACE:
        return _replaced(blocks, block)
    if not prompt.text:
        return blocks
    if prompt.placement is Placement.PREPEND:
        return _with_first(blocks, block)
    return _with_last(blocks, block)


def _replaced(blocks: bytes, block: Mapping[str, object]) -> bytes:
    """One block instead of all. A cache marker stays: without it each request would cost more."""
    old = _elements(blocks)
    markers = [
        members["cache_control"] for members in map(_members, old) if "cache_control" in members
    ]
    if markers:
        block = {**block, "cache_control": markers[-1]}
    new = msgspec.json.encode(block)
    return blocks if len(old) == 1 and same(bytes(old[0]), new) else b"[" + new + b"]"


def _members(element: msgspec.Raw) -> dict[str, msgspec.Raw]:
    return _object(element) if bytes(element).startswith(b"{") else {}


def _with_first(array: bytes, element: Mapping[str, object]) -> bytes:
    comma = b"" if _EMPTY_ARRAY.fullmatch(array) else b","
    return b"[" + msgspec.json.encode(element) + comma + array[1:]


def _with_last(array: bytes, element: Mapping[str, object]) -> bytes:
    comma = b"" if _EMPTY_ARRAY.fullmatch(array) else b","
    return array[:-1] + comma + msgspec.json.encode(element) + b"]"


def _first_prompt(messages: bytes) -> tuple[int, int] | None:
    """Where the first message of the system or the developer stands in a valid array."""
    text = messages.decode("latin-1")  # one character a byte, so that indexes are offsets
    at = 1
    while True:
        gap = _UP_TO_ELEMENT.match(text, at)
        assert gap is not None
        at = gap.end()
        if text[at] == "]":
            return None
        message: object
        message, end = _scan(text, at)
        if isinstance(message, dict) and message.get("role") in _ROLES:
            return at, end
        at = end
