"""Demands that every relative link of every page leads to something."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGES = ("*.md", "docs/**/*.md", "deploy/**/*.md", "benchmarks/*.md")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def links(page: str) -> Iterator[str]:
    """The relative paths that a page links to, outside its fenced blocks."""
    for target in _LINK.findall(_FENCE.sub("", page)):
        path = target.partition("#")[0]
        if path and ":" not in path:
            yield path


def main() -> int:
    """Check the working directory."""
    pages = sorted({page for pattern in PAGES for page in Path().glob(pattern)})
    found = [
        f"{page}: {path} leads nowhere"
        for page in pages
        for path in links(page.read_text(encoding="utf-8"))
        if not (page.parent / path).exists()
    ]
    print("\n".join(found) if found else f"links: {len(pages)} pages, every link leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
