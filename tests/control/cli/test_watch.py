"""`get --watch`: in place on a terminal, block after block elsewhere, until interrupted."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from control.cli.outcome import Unreachable
from control.cli.watch import watch
from control.desk.view import view
from proxy.numbers.arm_figures import Figures
from proxy.policy import ArmName
from tests.control.api.service import Service, service
from tests.control.cli.shell import Shell
from tests.control.cli.terminal import Terminal
from tests.control.states import state

FAST = ("--watch", "--interval", "0.1")


async def test_elsewhere_it_is_block_after_block_and_an_interrupt_a_good_end(
    api: Service, shell: Shell
) -> None:
    await api.apply()
    process = await shell.start("get", "triage", *FAST)
    assert process.stdout is not None
    told = await process.stdout.readuntil(b"\n\ntriage  Pending  version 1  (Registered)\n")
    assert told.startswith(b"triage  Pending  version 1  (Registered)\nweight  wanted 0 %")
    await api.call("POST", "/api/migrations/triage/set-weight", {"percent": 5})
    await process.stdout.readuntil(b"\ntriage  Progressing  version 2  (WeightSet)\n")
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, err.strip()) == (0, b"")
    assert b"\x1b" not in told + out


async def test_a_dumb_terminal_gets_blocks_too(api: Service, shell: Shell) -> None:
    await api.apply()
    terminal = Terminal()
    process = await shell.start(
        "get", "triage", *FAST, environment={"TERM": "dumb"}, out=terminal.theirs
    )
    await terminal.until("\r\n\r\ntriage  Pending")
    process.send_signal(signal.SIGINT)
    await terminal.end(process)
    terminal.close()
    assert "\x1b" not in terminal.printed


async def test_without_colours_a_terminal_is_refreshed_in_place_all_the_same(
    api: Service, shell: Shell
) -> None:
    await api.apply()
    await api.call("POST", "/api/migrations/triage/rollback", {})
    terminal = Terminal()
    environment = {"TERM": "xterm", "NO_COLOR": "1"}
    process = await shell.start(
        "get", "triage", *FAST, environment=environment, out=terminal.theirs
    )
    await terminal.until("Degraded")
    await terminal.until("\x1b[1A")
    process.send_signal(signal.SIGINT)
    await terminal.end(process)
    terminal.close()
    assert "\x1b[31m" not in terminal.printed
    assert "\x1b[1;31m" not in terminal.printed


async def test_json_is_an_object_on_a_line(api: Service, shell: Shell) -> None:
    await api.apply()
    process = await shell.start("get", "triage", "-o", "json", *FAST)
    assert process.stdout is not None
    assert json.loads(await process.stdout.readline())["phase"] == "Pending"
    await api.call("POST", "/api/migrations/triage/rollback", {})
    assert json.loads(await process.stdout.readline())["phase"] == "Degraded"
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == 0


async def test_yaml_is_a_stream_of_documents(api: Service, shell: Shell) -> None:
    await api.apply()
    process = await shell.start("get", "triage", "-o", "yaml", *FAST)
    assert process.stdout is not None
    told = await process.stdout.readuntil(b"model: gpt-4o-mini\n")
    assert told.startswith(b"---\nname: triage\n")
    process.send_signal(signal.SIGINT)
    out, _ = await process.communicate()
    assert YAML(typ="safe").load((told + out).decode())["phase"] == "Pending"


async def test_a_terminal_is_refreshed_in_place(api: Service, shell: Shell) -> None:
    await api.apply()
    terminal = Terminal()
    environment = {"TERM": "xterm-256color"}
    process = await shell.start(
        "get", "triage", *FAST, environment=environment, out=terminal.theirs
    )
    await terminal.until("Pending")
    await api.call("POST", "/api/migrations/triage/set-weight", {"percent": 5})
    text = await terminal.until("Progressing")
    assert "\x1b[1A" in text  # the cursor goes up, so the table stays where it is
    process.send_signal(signal.SIGINT)
    await terminal.end(process)
    terminal.close()
    assert process.returncode == 0


async def test_a_lost_control_plane_is_waited_for(tmp_path: Path) -> None:
    async with service(tmp_path) as api:
        await api.apply()
        address = api.address
        process = await Shell(url=f"http://{address}").start("get", "triage", *FAST)
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"Pending" in await process.stdout.readline()
    assert await process.stderr.readline() == (
        b"the control plane cannot be reached; waiting for it\n"
    )
    async with service(tmp_path, address=address) as api:
        await api.call("POST", "/api/migrations/triage/rollback", {})
        assert b"Degraded" in await process.stdout.readuntil(b"(RolledBack)\n")
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == 0


async def test_a_lost_control_plane_is_said_on_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal()
    async with service(tmp_path) as api:
        await api.apply()
        process = await Shell(url=f"http://{api.address}").start(
            "get", "triage", *FAST, environment={"TERM": "xterm"}, out=terminal.theirs
        )
        await terminal.until("Pending")
    await terminal.until("the control plane cannot be reached")
    process.send_signal(signal.SIGINT)
    await terminal.end(process)
    terminal.close()
    assert process.returncode == 0


async def test_the_first_look_must_succeed(api: Service, shell: Shell, nowhere: Shell) -> None:
    assert (await nowhere.process("get", "triage", "--watch")).code == 4
    assert (await shell.process("get", "absent", "--watch")).code == 1


@pytest.mark.parametrize(("form", "times"), [("json", 1), ("table", 2)])
def test_a_loss_is_said_once_and_to_a_script_the_same_standing_is_no_news(
    form: str,
    times: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = {arm: Figures() for arm in ArmName}
    answer = msgspec.to_builtins(view(state(), 1, figures))
    lost = Unreachable("gone")
    looks = iter([answer, lost, lost, answer, lost, KeyboardInterrupt()])

    def look() -> object:
        found = next(looks)
        if isinstance(found, BaseException):
            raise found
        return found

    watch(look, form, 0.0)
    told = capsys.readouterr()
    assert told.out.count("Pending") == times
    assert told.err.count("cannot be reached; waiting for it") == 2
