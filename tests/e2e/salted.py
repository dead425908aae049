"""Migrations whose salts are given, put into a state directory before a crossfade starts on it.

Else salts are drawn, and how many of a thousand keys move would differ from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from control.migration.ledger import Source
from tests.e2e.beforehand import JANE, desk
from tests.e2e.process import Crossfade


async def register(crossfade: Crossfade, files: Mapping[str, Mapping[str, object]]) -> None:
    """Register migration files, each by the salt that it gets."""
    salts = iter(files)
    async with desk(crossfade, draw_salt=lambda: next(salts)) as made:
        for file in files.values():
            await made.apply(str(file["migration"]), Source(text=json.dumps(file)), JANE)
