"""Keeps two maps: of the files, by their first lines, and of the decisions, by their titles.

`make map` writes them; `make check` demands that they are current.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

FOLDERS = ("proxy", "control", "scripts")
BEGIN, END = "<!-- the map: written by `make map` -->\n", "<!-- the end of the map -->\n"


def drawn(files: Mapping[str, str]) -> Iterator[str]:
    """The map's lines: a heading for each folder, a line for each file."""
    ordered = sorted(files, key=lambda path: (_rank(path), str(Path(path).parent), path))
    for folder, paths in groupby(ordered, lambda path: str(Path(path).parent)):
        yield f"\n### {folder}/\n\n"
        yield from (f"- `{Path(path).name}`: {files[path]}\n" for path in paths)
    yield "\n"


def replaced(page: str, lines: Iterable[str]) -> str:
    """The page with another map. Raises ValueError where the page has no place for one."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for a map")
    return "".join([before, begin, *lines, end, after])


def idea(source: str) -> str:
    """The idea that a file owns, as its first line says it."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _rank(path: str) -> int:
    return FOLDERS.index(Path(path).parts[0])


def files() -> Iterator[str]:
    """The map of the working directory's files."""
    paths = [path for folder in FOLDERS for path in Path(folder).rglob("*.py")]
    ideas = {str(path): idea(path.read_text(encoding="utf-8")) for path in paths}
    return drawn({path: text for path, text in ideas.items() if text})


def decisions() -> Iterator[str]:
    """The titles of the working directory's decisions, as links from docs/README.md."""
    for path in sorted(Path("docs/adr").glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        yield f"- [{title.replace('. ', ' · ', 1)}](adr/{path.name})\n"


def main(words: Iterable[str]) -> int:
    """Check the working directory's maps, or with `--write` draw them."""
    for page, lines in {
        Path("CONTRIBUTING.md"): files(),
        Path("docs/README.md"): decisions(),
    }.items():
        written = page.read_text(encoding="utf-8")
        current = replaced(written, lines)
        if "--write" in words:
            page.write_text(current, encoding="utf-8")
        elif written != current:
            print(f"{page}: its map is not current: make map")
            return 1
    print("map: the files and the decisions, as they are")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
