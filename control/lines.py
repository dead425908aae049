"""Sentences on lines of so many columns; a percent stays on the line of its number. Pure."""

from __future__ import annotations

from textwrap import wrap

HARD = "\N{NO-BREAK SPACE}"


def fitted(
    text: str, width: int, *, first: str = "", later: str = "", most: int | None = None
) -> list[str]:
    """The text on as many lines as it takes, at most so many; `first` and `later` begin them."""
    lines = wrap(
        text.replace(" %", f"{HARD}%"),
        width,
        initial_indent=first,
        subsequent_indent=later,
        max_lines=most,
        placeholder=" …",
    )
    return [line.replace(HARD, " ") for line in lines]
