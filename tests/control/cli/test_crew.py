"""`workers`: who serves which version."""

from __future__ import annotations

import json

from tests.control.api.service import Service
from tests.control.cli.shell import Shell


async def test_workers_are_a_table(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell("workers")
    header, row = done.out.splitlines()
    assert header.split() == ["WORKER", "VERSION", "SEEN", "NOTES"]
    assert row.split()[0] == "one"


async def test_workers_as_json_are_what_the_api_says(api: Service, shell: Shell) -> None:
    await api.apply()
    (worker,) = json.loads((await shell("workers", "-o", "json")).out)
    assert (worker["worker"], worker["live"]) == ("one", True)
