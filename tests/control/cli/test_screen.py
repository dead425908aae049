"""Tables on standard output: drawn on a terminal, plain for everything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control.api.service import Service
from tests.control.cli.shell import Shell
from tests.control.cli.terminal import Terminal

COLOUR = "\x1b[32m"


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


async def printed(shell: Shell, terminal: Terminal, **environment: str) -> str:
    process = await shell.start("list", environment=environment, out=terminal.theirs)
    text = await terminal.until("WeightSet")
    await process.communicate()
    assert process.returncode == 0
    return text


async def test_a_terminal_gets_lines_and_colours(
    api: Service, shell: Shell, terminal: Terminal
) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "10")
    text = await printed(shell, terminal, TERM="xterm-256color")
    assert "─" in text
    assert COLOUR in text


@pytest.mark.parametrize(
    "environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["no-color", "dumb"]
)
async def test_a_plain_terminal_gets_plain_lines(
    api: Service, shell: Shell, terminal: Terminal, environment: dict[str, str]
) -> None:
    await api.apply()
    await shell("set", "weight", "triage", "10")
    text = await printed(shell, terminal, **environment)
    assert "\x1b" not in text
    assert "─" not in text


async def test_a_pipe_gets_plain_lines(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell.process("list", TERM="xterm-256color")
    assert "\x1b" not in done.out
