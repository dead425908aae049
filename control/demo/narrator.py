"""Tells the demo's story on a stream of text: plain, or in colours on a terminal."""

from __future__ import annotations

from typing import TextIO

BAR = 50
INDENT = "   "

BOLD, DIM, GREEN, CYAN = "1", "2", "32", "36"


class Narrator:
    """Numbers the scenes and sets apart what is typed, what is answered, and what it means."""

    def __init__(self, out: TextIO, *, colours: bool, columns: int | None = None) -> None:
        self._out = out
        self._colours = colours
        self._columns = columns
        self._scenes = 0

    def title(self, text: str) -> None:
        """The first lines."""
        self._line(self._in(BOLD, text))

    def scene(self, text: str) -> None:
        """A new step begins."""
        self._scenes += 1
        self._line()
        self._line(self._in(BOLD, f"{self._scenes}. {text}"))

    def typed(self, command: str) -> None:
        """What an operator types."""
        self._line(f"{INDENT}{self._in(CYAN, f'$ {command}')}")

    def answered(self, text: str) -> None:
        """What a command prints; not set in where that would break its lines."""
        lines = text.rstrip().splitlines()
        wide = max(map(len, lines), default=0) + len(INDENT)
        indent = "" if self._columns is not None and wide > self._columns else INDENT
        for line in lines:
            self._line(f"{indent}{self._in(DIM, line)}".rstrip())

    def say(self, text: str) -> None:
        """What to make of it."""
        self._line(f"{INDENT}{text}")

    def good(self, text: str) -> None:
        """What was promised and has been seen."""
        self._line(f"{INDENT}{self._in(GREEN, f'✓ {text}')}")

    def share(self, part: int, whole: int) -> None:
        """How many went to each arm, as numbers and as a bar."""
        long = round(BAR * part / whole)
        bar = self._in(GREEN, "█" * long) + self._in(DIM, "░" * (BAR - long))
        self._line(f"{INDENT}{bar} candidate {part:,} of {whole:,} = {part / whole:.1%}")

    def word(self, text: str) -> None:
        """A piece of a stream, at once."""
        self._out.write(text)
        self._out.flush()

    def _line(self, text: str = "") -> None:
        self.word(f"{text}\n")

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and text else text
