"""Keys and tokens out of the environment or a file, and whether they are fit to be sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from proxy.errors import Invalid
from proxy.policy import Secret

LONGEST = 8 * 1024
MOST_TOKENS = 10_000

# A newline in a key would be a header of its own in every request.
_VISIBLE = re.compile(r"[!-~]+")


class Unfit(Invalid):
    """A key that cannot be used: `message` says why, `hint` what to do. Neither repeats it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Unset(Unfit):
    """An environment variable that is unset or empty."""


def from_environment(variable: str, environ: Mapping[str, str]) -> Secret:
    """The key in a variable. Raises Unset, and Unfit for what is not visible ASCII."""
    return _key(_value(variable, environ), f"the value of {variable}")


def from_file(path: Path) -> Secret:
    """The key in a file, without one newline at its end. Raises Unfit."""
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 8)  # room for a mark at the start and a newline at the end
    except OSError as failure:
        raise Unfit(f"the key cannot be read: {failure.strerror}") from None
    text = raw.decode("utf-8-sig", "replace")
    return _key(text.removesuffix("\n").removesuffix("\r"), "the file's content")


def tokens(variable: str, environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The tokens in a variable, separated by commas or white space; at least one."""
    found = re.split(r"[,\s]+", _value(variable, environ).strip(" \t\r\n,"))
    if len(found) > MOST_TOKENS:
        raise Unfit(f"{variable} holds more than {MOST_TOKENS} tokens")
    return tuple(_key(token, f"a token in {variable}") for token in dict.fromkeys(found))


def _value(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "")
    if not value.strip():
        raise Unset(f"the environment variable {variable} is not set", f"export {variable}=...")
    return value


def _key(text: str, whose: str) -> Secret:
    if not text:
        raise Unfit(f"{whose} is empty")
    if len(text) > LONGEST:
        raise Unfit(f"{whose} is longer than {LONGEST >> 10} KiB")
    if not _VISIBLE.fullmatch(text):
        raise Unfit(
            f"{whose} is not visible ASCII",
            "a key has no spaces, newlines or other control characters",
        )
    return Secret(text)
