"""Does what README.md tells its reader to do, and refuses it when it grows too long."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.readme_blocks import blocks, targets
from scripts.readme_walk import Astray, Walk

LONGEST = 150


def main() -> int:
    """Check the working directory."""
    page = Path("README.md").read_text(encoding="utf-8")
    lines = page.count("\n")
    if lines > LONGEST:
        print(f"README.md: {lines} lines, {lines - LONGEST} too many")
        return 1
    done = 0
    with Walk(targets(Path("Makefile").read_text(encoding="utf-8"))) as walk:
        for block in blocks(page):
            try:
                done += walk.follow(block)
            except Astray as error:
                print(f"README.md:{block.line}: {error}")
                return 1
    print(f"readme: {lines} lines, {done} examples, all of them done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
