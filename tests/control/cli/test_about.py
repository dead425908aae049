"""`version` and `completion`."""

from __future__ import annotations

import json
import platform

import pytest

from control.release import release
from tests.control.cli.shell import Shell


async def test_version_is_the_release(nowhere: Shell) -> None:
    assert (await nowhere("version")).out == f"crossfade {release()}\n"
    done = await nowhere("version", "-o", "json")
    told = {"crossfade": release(), "python": platform.python_version()}
    assert json.loads(done.out) == told


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
async def test_a_completion_script_calls_crossfade(nowhere: Shell, kind: str) -> None:
    done = await nowhere("completion", kind)
    assert done.code == 0
    assert f"_CROSSFADE_COMPLETE={kind}_complete" in done.out


async def test_another_shell_is_a_usage_error(nowhere: Shell) -> None:
    assert (await nowhere("completion", "powershell")).code == 2
