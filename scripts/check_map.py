"""Keeps CONTRIBUTING.md's map of the files: each file with the first line of its docstring.

`make map` writes it; `make check` demands that it is current.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

PAGE = Path("CONTRIBUTING.md")
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


def main(words: Iterable[str]) -> int:
    """Check the working directory, or with `--write` draw its map."""
    paths = [path for folder in FOLDERS for path in Path(folder).rglob("*.py")]
    ideas = {str(path): idea(path.read_text(encoding="utf-8")) for path in paths}
    page = PAGE.read_text(encoding="utf-8")
    current = replaced(page, drawn({path: text for path, text in ideas.items() if text}))
    if "--write" in words:
        PAGE.write_text(current, encoding="utf-8")
    elif page != current:
        print(f"{PAGE}: the map of the files is not current: make map")
        return 1
    print(f"map: {len(ideas)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
