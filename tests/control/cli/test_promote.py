"""`promote`: at once for scripts, after a question on a terminal."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE

import msgspec
import pytest

from control.cli.promote import _from, _to
from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.cli.terminal import Terminal
from tests.control.office import ASK, source
from tests.control.rulings import RAMP
from tests.control.views import STEP, ramping


@pytest.fixture
async def ramped(api: Service) -> Service:
    await api.office.desk.apply("triage", source(more=RAMP), ASK)
    await api.office.desk.start("triage", ASK)
    return api


async def asked(shell: Shell, terminal: Terminal, *more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "control.cli", "promote", "triage", *more),
        env=shell.environment,
        stdin=terminal.theirs,
        stdout=PIPE,
        stderr=terminal.theirs,
    )


async def test_a_script_is_not_asked(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    done = await shell("promote", "triage", "--reason", "go")
    assert (done.code, done.err) == (0, "")
    assert "weight 10 %, Progressing (Promoted: go), version 3" in done.out
    done = await shell("promote", "triage", "--full", "--yes")
    assert "weight 99 %, Soaking (Promoted), version 4" in done.out


async def test_a_terminal_is_shown_what_will_happen_and_asked(
    ramped: Service, shell: Shell
) -> None:
    assert ramped.address in shell.url
    terminal = Terminal()
    process = await asked(shell, terminal)
    told = await terminal.until("Promote? [y/N]")
    assert "triage: Progressing, step 1 of 3 at 1 %, passing over" in told.replace("\r\n", " ")
    assert "-> 10 %" in told
    terminal.type("y\n")
    out, _ = await process.communicate()
    terminal.close()
    assert process.returncode == 0
    assert b"weight 10 %, Progressing (Promoted), version 3" in out


async def test_no_is_no(ramped: Service, shell: Shell) -> None:
    terminal = Terminal()
    process = await asked(shell, terminal, "--full")
    assert "-> 100 %" in await terminal.until("Promote? [y/N]")
    terminal.type("\n")
    out, _ = await process.communicate()
    assert "nothing was done" in await terminal.until("nothing was done")
    terminal.close()
    assert (process.returncode, out) == (1, b"")
    assert (await ramped.office.desk.get("triage")).version == 2


async def test_what_changed_while_it_asked_is_not_what_was_said_yes_to(
    ramped: Service, shell: Shell
) -> None:
    terminal = Terminal()
    process = await asked(shell, terminal)
    await terminal.until("Promote? [y/N]")
    await ramped.office.desk.pause("triage", ASK)
    terminal.type("y\n")
    await process.communicate()
    assert "at version 3, not 2" in await terminal.until("at version 3, not 2")
    terminal.close()
    assert process.returncode == 1


async def test_yes_beforehand_is_not_asked(ramped: Service, shell: Shell) -> None:
    assert ramped.address in shell.url
    terminal = Terminal()
    process = await asked(shell, terminal, "--yes")
    out, _ = await process.communicate()
    terminal.close()
    assert process.returncode == 0
    assert b"Promoted" in out


def test_what_it_says_of_every_standing() -> None:
    assert _from(ramping()) == (
        "step 2 of 3 at 10 %, passing over 6m12s of its hold, 212 of 300 requests, an approval"
    )
    assert _from(ramping(step=msgspec.structs.replace(STEP, awaiting=()))) == "step 2 of 3 at 10 %"
    assert _from(ramping(step=None)) == "10 %"
    assert _to(ramping(), full=False) == "99 %"
    assert _to(ramping(), full=True) == "100 %"
    assert _to(ramping(step=None), full=False) == "the next step"
    assert _to(ramping(step=msgspec.structs.replace(STEP, index=3)), full=False) == "the end"
