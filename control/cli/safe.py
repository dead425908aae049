"""Text from elsewhere, made fit for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text without control characters: no escape sequence of a name reaches the terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
