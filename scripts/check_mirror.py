"""Demands a test file for each source file, and a source file for each test file.

`control/store/lock.py` is tested by `tests/control/store/test_lock.py`, which may have companions
for single topics: `test_lock_TOPIC.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

MIRRORED = ("control", "proxy", "scripts")
UNNAMED = ("__init__.py", "__main__.py")  # a package's words and a process's entry

# Both lists only shrink: an entry that is not needed any more fails the check.
UNTESTED: Mapping[str, str] = MappingProxyType({})
BEYOND: Mapping[str, str] = MappingProxyType(
    {
        "tests/control/store/test_processes.py": "processes that are killed over one store",
        "tests/proxy/source/test_contract.py": "every source keeps the contract of the package",
    }
)


def problems(
    sources: Iterable[str],
    tests: Iterable[str],
    *,
    untested: Mapping[str, str],
    beyond: Mapping[str, str],
) -> list[str]:
    """What is missing or stale, one sentence each, in the order of the paths."""
    wanted = {covering(source): source for source in sources}
    there = set(tests)
    missing = {source: test for test, source in wanted.items() if test not in there}
    stale = {test for test in there - set(wanted) if not _companion(test, wanted)}
    found = [f"{source}: no {test}" for source, test in missing.items() if source not in untested]
    found += [f"{test}: tests no file of its name" for test in stale - set(beyond)]
    found += [f"{path}: excused without need" for path in set(untested) - set(missing)]
    found += [f"{path}: excused without need" for path in set(beyond) - stale]
    return sorted(found)


def covering(source: str) -> str:
    """The path of the test file that covers a source file."""
    path = Path("tests", source)
    return str(path.with_name(f"test_{path.name}"))


def _companion(test: str, tests: Container[str]) -> bool:
    """Whether a test is a companion of one of the tests: its name goes on where theirs ends."""
    words = Path(test).stem.split("_")
    shorter = ("_".join(words[:count]) for count in range(2, len(words)))
    return any(str(Path(test).with_name(f"{name}.py")) in tests for name in shorter)


def main() -> int:
    """Check the working directory."""
    sources = [path for path in _files(MIRRORED) if Path(path).name not in UNNAMED]
    tests = _files((f"tests/{part}" for part in MIRRORED), "test_*.py")
    found = problems(sources, tests, untested=UNTESTED, beyond=BEYOND)
    print("\n".join(found) if found else f"mirror: {len(sources)} files, each with its tests")
    return 1 if found else 0


def _files(folders: Iterable[str], pattern: str = "*.py") -> list[str]:
    return sorted(str(path) for folder in folders for path in Path(folder).rglob(pattern))


if __name__ == "__main__":
    sys.exit(main())
