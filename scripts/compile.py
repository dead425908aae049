"""Compile the hot path with mypyc into a folder: `python -m scripts.compile build/compiled`.

The same source runs interpreted everywhere; compiled, it takes half the time. A C compiler is
needed. Put the folder first on PYTHONPATH to run what is in it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("proxy", "control")

# What a request or an event passes through. Left out: modules with msgspec structs (mypyc loses
# their class keywords) and whatever runs once in a while.
HOT = (
    "account",
    "aim",
    "answer_heads",
    "asked",
    "bounds",
    "breaker",
    "clients",
    "clock",
    "connection",
    "cost",
    "decide",
    "destination",
    "dialects/answer",
    "dialects/call",
    "dialects/openai",
    "dialects/paths",
    "dialects/sight",
    "draw",
    "edit",
    "exchange",
    "exchange_id",
    "fields",
    "forward",
    "framing",
    "head",
    "heads",
    "held",
    "histogram",
    "http1",
    "inbox",
    "inflate",
    "intake",
    "jsonarray",
    "jsonbody",
    "jsonscan",
    "keysample",
    "lane",
    "leg",
    "meter",
    "ndjson",
    "outline",
    "plain",
    "pool",
    "pricebook",
    "reading",
    "record",
    "refusal",
    "relay",
    "routing",
    "splice",
    "sse",
    "stored",
    "strip",
    "tally",
    "upstream",
    "wheel",
    "worker",
)


def build(folder: Path) -> None:
    """Fill `folder` with both packages, the hot modules compiled beside their source."""
    for old in (*folder.glob("*.so"), *folder.glob("mypy.ini")):
        old.unlink()
    for package in PACKAGES:
        shutil.rmtree(folder / package, ignore_errors=True)
    _copy("proxy", folder)
    (folder / "mypy.ini").write_text("[mypy]\nignore_missing_imports = True\n")
    command = [sys.executable, "-m", "mypyc", *(f"proxy/{name}.py" for name in HOT)]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    _copy("control", folder)  # after: setuptools refuses two packages side by side
    shutil.rmtree(folder / "build", ignore_errors=True)


def _copy(package: str, folder: Path) -> None:
    shutil.copytree(ROOT / package, folder / package, ignore=_COMPILED)


_COMPILED = shutil.ignore_patterns("__pycache__", "*.so", "*.c")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/compiled")
    target.mkdir(parents=True, exist_ok=True)
    build(target)
