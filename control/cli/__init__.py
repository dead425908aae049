"""The `crossfade` command: parses, calls the admin API, prints.

Each command lives in a file of its own group and is imported when it is asked for, so that a
rollback does not wait for what a table or a server needs.
"""

from __future__ import annotations

from control.cli.commands import main

__all__ = ["main"]
