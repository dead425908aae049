"""Finds the examples of a Markdown page: fenced blocks, and the commands in consoles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# (\S+\.yaml)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its language, its text, and the line of the page that it begins at."""

    language: str
    text: str
    line: int

    @property
    def commands(self) -> list[str]:
        """What a console's reader types."""
        lines = self.text.splitlines()
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]

    @property
    def file(self) -> str | None:
        """The name of the file that the block is, where its first line says one."""
        named = _FILE.match(self.text)
        return named[1] if named else None


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block that names its language, in order."""
    for fence in _FENCE.finditer(page):
        line = page.count("\n", 0, fence.start()) + 2
        yield Block(language=fence[1], text=fence[2], line=line)


def targets(makefile: str) -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
