"""Demands that every relative link leads to something, and that the index knows every page."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

INDEX = Path("docs/README.md")
PAGES = ("*.md", "docs/**/*.md", "deploy/**/*.md", "benchmarks/*.md")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def links(page: str) -> Iterator[str]:
    """The relative paths that a page links to, outside its fenced blocks."""
    for target in _LINK.findall(_FENCE.sub("", page)):
        path = target.partition("#")[0]
        if path and ":" not in path:
            yield path


def unknown(pages: Iterable[Path], known: Set[str]) -> list[Path]:
    """The pages below the index that it has no link to."""
    below = [page for page in pages if page.is_relative_to(INDEX.parent) and page != INDEX]
    return [page for page in below if str(page.relative_to(INDEX.parent)) not in known]


def main() -> int:
    """Check the working directory."""
    pages = sorted({page for pattern in PAGES for page in Path().glob(pattern)})
    found = [
        f"{page}: {path} leads nowhere"
        for page in pages
        for path in links(page.read_text(encoding="utf-8"))
        if not (page.parent / path).exists()
    ]
    known = set(links(INDEX.read_text(encoding="utf-8")))
    found += [f"{page}: {INDEX} does not know it" for page in unknown(pages, known)]
    print("\n".join(found) if found else f"links: {len(pages)} pages, every link leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
