"""Demands that the locks fit pyproject.toml, agree with each other, and name no index.

It asks no registry: whether a newer version exists is not its question.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What each lock holds; "" stands for the runtime's own dependencies.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "build": ("build",),
        "run": ("",),
        "demo": ("", "demo", "build"),
        "dev": ("", "dev", "build", "lock"),
        "bench": ("", "dev", "bench", "build", "lock"),
    }
)
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_ADDRESS = re.compile(r"://|^-", re.MULTILINE)

Pins = dict[str, set[str]]  # a name has two versions where Pythons differ


def pins(lock: str) -> Pins:
    """The versions that a lock allows, by name."""
    found: Pins = {}
    for name, version in _PIN.findall(lock):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def problems(wanted: Iterable[str], lock: str, widest: Pins) -> Iterator[str]:
    """What is wrong with one lock, in sentences."""
    locked = pins(lock)
    for text in wanted:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), set())
        if not versions:
            yield f"{requirement.name} is not locked: make lock"
        if not all(requirement.specifier.contains(version) for version in versions):
            yield f"{requirement} is locked at {', '.join(sorted(versions))}: make lock"
    for name, versions in sorted(locked.items()):
        if not versions <= widest.get(name, set()):
            yield f"{name} has another version than in the widest lock: make lock"
    if lock.count("==") > lock.count("--hash=") or "--hash=" not in lock:
        yield "something is locked without a hash"
    if _ADDRESS.search(lock):
        yield "an address or an option of the installer stands in it"


def requirements(project: Mapping[str, object], groups: Iterable[str]) -> Iterator[str]:
    """The requirements of some groups, as pyproject.toml spells them."""
    match project:
        case {"project": {"dependencies": list(own)}, "dependency-groups": dict(known)}:
            for group in groups:
                yield from _members({"": own, **known}, group)


def _members(known: Mapping[str, list[object]], group: str) -> Iterator[str]:
    for member in known[group]:
        match member:
            case str(requirement):
                yield requirement
            case {"include-group": str(other)}:
                yield from _members(known, other)


def main() -> int:
    """Check the working directory."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    locks = {name: Path(f"requirements/{name}.txt").read_text(encoding="utf-8") for name in GROUPS}
    widest = pins(locks["bench"])
    found = [
        f"requirements/{name}.txt: {problem}"
        for name, groups in GROUPS.items()
        for problem in problems(requirements(project, groups), locks[name], widest)
    ]
    print("\n".join(found) if found else f"locks: {len(widest)} packages, all of one mind")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
