"""`python -m control.cli` is the `crossfade` command."""

from __future__ import annotations

from control.cli import main

main()
