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
    "carrying/account",
    "carrying/bounds",
    "carrying/client",
    "carrying/clients",
    "carrying/clock",
    "carrying/connection",
    "carrying/forward",
    "carrying/intake",
    "carrying/leg",
    "carrying/pool",
    "carrying/refusal",
    "carrying/relay",
    "carrying/tls",
    "carrying/upstream",
    "carrying/wheel",
    "carrying/worker",
    "dialects/answer",
    "dialects/call",
    "dialects/openai",
    "dialects/paths",
    "dialects/sight",
    "exchange",
    "exchange_id",
    "http/answer_heads",
    "http/framing",
    "http/head",
    "http/heads",
    "http/http1",
    "http/inbox",
    "metering/held",
    "metering/inflate",
    "metering/jsonarray",
    "metering/jsonbody",
    "metering/meter",
    "metering/ndjson",
    "metering/reading",
    "metering/splitter",
    "metering/sse",
    "metering/strip",
    "numbers/cost",
    "numbers/histogram",
    "numbers/keysample",
    "plain",
    "recording/pricebook",
    "recording/record",
    "recording/tally",
    "routing/aim",
    "routing/asked",
    "routing/bodies",
    "routing/breaker",
    "routing/decide",
    "routing/destination",
    "routing/draw",
    "routing/edit",
    "routing/fields",
    "routing/jsonscan",
    "routing/lane",
    "routing/outline",
    "routing/routing",
    "routing/shape",
    "routing/splice",
    "routing/stored",
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
