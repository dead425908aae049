"""The command as a whole: start-up, help, exit codes, as processes of their own."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import click
import pytest

from control.cli.commands import COMMANDS, Commands, cli, main
from tests.control.api.service import Service, service
from tests.control.cli.shell import ROOT, Shell

HEAVY = ("aiohttp", "msgspec", "pydantic", "rich", "ruamel", "uvloop", "prometheus_client")
FAST = ("control.cli.change", "control.cli.about")


def context() -> click.Context:
    return click.Context(cli, info_name="crossfade")


def every_command() -> list[tuple[str, click.Command]]:
    """Each command by the words that call it, the ones of groups included."""
    found: list[tuple[str, click.Command]] = []
    for name in COMMANDS:
        command = Commands().get_command(context(), name)
        assert command is not None
        nested = command.commands.items() if isinstance(command, click.Group) else ()
        found += [(name, command), *((f"{name} {word}", below) for word, below in nested)]
    return found


@pytest.mark.parametrize("module", FAST)
async def test_a_rollback_starts_without_anything_heavy(nowhere: Shell, module: str) -> None:
    source = (
        f"import sys, importlib; importlib.import_module({module!r});"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    process = await _python(nowhere, "-c", source)
    assert process == (0, "[]\n")


async def test_the_list_of_commands_starts_without_anything_heavy(nowhere: Shell) -> None:
    source = (
        "import sys; from control.cli import main\n"
        "sys.argv = ['crossfade', '--help']\n"
        "try: main()\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    code, out = await _python(nowhere, "-c", source)
    assert code == 0
    assert out.endswith("[]\n")
    assert all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("words", [words for words, _ in every_command()])
async def test_every_command_explains_itself(nowhere: Shell, words: str) -> None:
    for flag in ("-h", "--help"):
        done = await nowhere(*words.split(), flag)
        assert done.code == 0
        assert done.out.startswith(f"Usage: cli {words}")


def test_the_list_says_of_each_command_what_it_says_itself() -> None:
    for name, place in COMMANDS.items():
        command = Commands().get_command(context(), name)
        assert command is not None
        assert (command.help or "").splitlines()[0] == place.says


def test_every_command_but_groups_shows_an_example() -> None:
    for words, command in every_command():
        if not isinstance(command, click.Group) and words != "version":
            assert f"crossfade {words}" in (command.help or "")


def test_every_command_is_on_the_page() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    for words, command in every_command():
        if not isinstance(command, click.Group):
            assert re.search(rf"^## `crossfade {re.escape(words)}\b", page, re.MULTILINE)
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    assert parameter.opts[-1] in page


async def test_an_unknown_command_and_option_are_usage_errors(nowhere: Shell) -> None:
    assert (await nowhere.process("advance", "triage")).code == 2
    assert (await nowhere.process("rollback", "triage", "--abort")).code == 2
    assert (await nowhere.process("rollback")).code == 2


async def test_a_mistyped_command_is_guessed(nowhere: Shell) -> None:
    done = await nowhere.process("rollbak", "triage")
    assert done.code == 2
    assert "Did you mean 'rollback'?" in done.err


async def test_no_control_plane_is_exit_code_4(nowhere: Shell) -> None:
    done = await nowhere.process("pause", "triage")
    assert (done.code, done.out) == (4, "")
    assert done.err == (
        "Error: cannot reach http://127.0.0.1:9: Connection refused "
        "(is crossfade serve running? --url or CROSSFADE_URL says where)\n"
    )


async def test_a_rollback_that_reaches_nobody_says_what_works_without(nowhere: Shell) -> None:
    done = await nowhere.process("rollback", "triage")
    assert done.code == 4
    assert "crossfade rollback triage --local --state-dir DIR on each host" in done.err
    assert "rollback --all --local" in (await nowhere.process("rollback", "--all")).err


async def test_a_process_of_its_own_does_it_all(api: Service, shell: Shell) -> None:
    await api.apply()
    done = await shell.process("set", "weight", "triage", "10")
    assert (done.code, done.err) == (0, "")
    done = await shell.process("rollback", "triage")
    assert (done.code, done.err) == (0, "")
    done = await shell.process("set", "weight", "triage", "10")
    assert (done.code, done.out) == (1, "")
    assert "Error: triage was rolled back" in done.err


async def test_a_token_of_the_environment_lets_in(tmp_path: Path) -> None:
    async with service(tmp_path, token="sk-CANARY-token") as api:
        url = f"http://{api.address}"
        done = await Shell(url=url).process("list")
        assert done.code == 1
        assert "Authorization: Bearer" in done.err
        done = await Shell(url=url, token="sk-CANARY-token").process("list")
        assert done.code == 0
        done = await Shell(url=url, token="sk-CANARY-wrong").process("list")
        assert done.code == 1
        assert "CANARY" not in done.out + done.err


def test_main_runs_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["crossfade", "version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("crossfade ")


async def _python(shell: Shell, *args: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *args, env=shell.environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()
