"""`crossfade demo` as a process: the whole story, and on a terminal the stage that stays."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from control.cli import demo
from control.cli.commands import cli
from control.demo.files import NAME
from control.demo.stage import StageError
from tests.control.cli.shell import Done, Shell
from tests.control.cli.terminal import Terminal


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def scenes(text: str) -> list[str]:
    return re.findall(r"^(?:\x1b\[1m)?(\d+)\. ", text, re.MULTILINE)


def status(url: str) -> int:
    with urlopen(url) as answer:
        return int(answer.status)


async def test_the_story_is_told_to_its_end_and_leaves(nowhere: Shell) -> None:
    done: Done = await nowhere.process("demo", "--customers", "100")
    assert (done.code, done.err) == (0, "")
    assert scenes(done.out) == [*"123456789", "10"]
    assert "\x1b" not in done.out
    assert "very next request of a candidate's customer: baseline" in done.out
    assert "nobody moved back" in done.out
    assert "step 1 has passed by itself" in done.out
    assert "nobody typed anything:\n   error_rate over_baseline 1.25x: the candidate" in done.out
    assert "all of them answered, by the baseline" in done.out


async def test_on_a_terminal_it_keeps_serving_until_ctrl_c(
    nowhere: Shell, terminal: Terminal
) -> None:
    process = await nowhere.start(
        *("demo", "--customers", "100"), environment={"TERM": "xterm"}, out=terminal.theirs
    )
    text = await terminal.until("--watch")
    assert scenes(text) == [*"123456789", "10", "11"]
    admin = re.search(r"CROSSFADE_URL=(http://[0-9.:]+)", text)
    assert admin is not None
    assert await asyncio.to_thread(status, f"{admin[1]}/api/migrations/{NAME}") == 200
    process.send_signal(signal.SIGINT)
    await terminal.until("stopped")
    assert await process.wait() == 0


async def test_a_signal_in_the_middle_takes_the_stage_down(
    nowhere: Shell, terminal: Terminal
) -> None:
    process = await nowhere.start("demo", "--customers", "100", out=terminal.theirs)
    await terminal.until("The migration is registered")
    process.terminate()
    await terminal.until("stopped")
    assert await process.wait() == 0


def test_a_stage_that_does_not_stand_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "Stage", Falls)
    before = signal.getsignal(signal.SIGTERM)
    done = CliRunner().invoke(cli, ["demo"])
    signal.signal(signal.SIGTERM, before)
    assert done.exit_code == 1
    assert done.stderr == "Error: the demo broke: no port is free\n"


class Falls:
    """A stage that cannot be set up."""

    def __init__(self) -> None:
        raise StageError("no port is free")


@pytest.mark.parametrize("command", ["crossfade", ".venv/bin/crossfade"])
def test_commands_are_shown_as_this_shell_finds_them(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = "/usr/bin/crossfade" if command == "crossfade" else None
    monkeypatch.setattr(demo.shutil, "which", lambda _: found)
    monkeypatch.setattr(demo.sys, "executable", str(tmp_path / ".venv/bin/python"))
    monkeypatch.chdir(tmp_path)
    assert demo._command() == command
