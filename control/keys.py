"""Keys and tokens out of the environment or a file, never out of the configuration itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from control.problems import Wrong
from control.written import text_of
from proxy.policy import Secret

LONGEST = 8 * 1024
MOST_TOKENS = 10_000

# A newline in a key would be a header of its own in every request.
_VISIBLE = re.compile(r"[!-~]+")


class Unset(Wrong):
    """An environment variable that the configuration names is unset or empty."""


def from_environment(variable: str, environ: Mapping[str, str]) -> Secret:
    """The key in a variable. Raises Unset; refuses what is not visible ASCII."""
    return _key(_value(variable, environ), f"the value of {variable}")


def from_file(path: Path) -> Secret:
    """The key in a file, without the newline at its end."""
    try:
        text = text_of(path, LONGEST + 2)
    except Wrong as wrong:
        raise Wrong(f"the key cannot be read: {wrong.message}") from None
    return _key(text.removesuffix("\n").removesuffix("\r"), "the file's content")


def tokens(variable: str, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The tokens in a variable, separated by commas or white space; at least one."""
    found = re.split(r"[,\s]+", _value(variable, environ).strip(" \t\r\n,"))
    if len(found) > MOST_TOKENS:
        raise Wrong(f"{variable} holds more than {MOST_TOKENS} tokens")
    return tuple(_key(token, f"a token in {variable}") for token in dict.fromkeys(found))


def _value(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "")
    if not value.strip():
        raise Unset(f"the environment variable {variable} is not set", f"export {variable}=...")
    return value


def _key(text: str, whose: str) -> Secret:
    if not text:
        raise Wrong(f"{whose} is empty")
    if len(text) > LONGEST:
        raise Wrong(f"{whose} is longer than {LONGEST >> 10} KiB")
    if not _VISIBLE.fullmatch(text):
        raise Wrong(
            f"{whose} is not visible ASCII",
            "a key has no spaces, newlines or other control characters",
        )
    return Secret(text)
