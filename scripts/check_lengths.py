"""Refuses a file of more than 300 lines: by then it holds two ideas."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

MOST = 300
FOLDERS = ("benchmarks", "control", "proxy", "scripts", "tests")


def problems(lengths: Mapping[str, int]) -> list[str]:
    """One sentence for each file that is too long."""
    return [
        f"{path}: {lines} lines, {lines - MOST} too many"
        for path, lines in sorted(lengths.items())
        if lines > MOST
    ]


def main() -> int:
    """Check the working directory."""
    lengths = {
        str(path): len(path.read_bytes().splitlines())
        for folder in FOLDERS
        for path in Path(folder).rglob("*.py")
    }
    found = problems(lengths)
    longest = max(lengths.values())
    print("\n".join(found) if found else f"lengths: {len(lengths)} files, the longest {longest}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
