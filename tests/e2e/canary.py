"""Secrets that are sent through every request here, and the search for them where none may be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

MARK = b"CANARY"  # stands in every secret, so that one search finds any part of any of them

CALLER = "sk-CANARY-caller"
OLD_KEY = "sk-CANARY-old-upstream"
NEW_KEY = "sk-CANARY-new-upstream"
TOKEN = "CANARY-admin-token"
PROMPT = "CANARY-PROMPT-e2e"
ANSWER = "CANARY-ANSWER"
KEY = "CANARY-STICKY"

ENVIRON: Mapping[str, str] = {"OLD_KEY": OLD_KEY, "NEW_KEY": NEW_KEY, "CROSSFADE_TOKEN": TOKEN}


def leaks(places: Mapping[str, bytes]) -> list[str]:
    """Where a canary stands, and what stands around it."""
    return [f"{name}: {_around(text)!r}" for name, text in places.items() if MARK in text]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder: its name and its bytes, with its name in front of them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), os.fsencode(path.name) + b"\n" + path.read_bytes()


def _around(text: bytes) -> bytes:
    at = text.index(MARK)
    return text[max(0, at - 80) : at + 80]
