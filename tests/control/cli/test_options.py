"""The options that commands share: who asks, with what token, and how a shell completes names."""

from __future__ import annotations

import getpass

import pytest

from control.cli import options
from tests.control.api.service import Service
from tests.control.cli.shell import Shell


def completing(words: str) -> dict[str, str]:
    line = f"crossfade {words}"
    return {
        "_CROSSFADE_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }


async def test_names_of_migrations_are_completed(api: Service, shell: Shell) -> None:
    await api.apply()
    await api.apply("billing", match="gpt-5")
    done = await shell.process(**completing("rollback tri"))
    assert done.out == "plain,triage\n"
    done = await shell.process(**completing("get "))
    assert done.out == "plain,triage\nplain,billing\n"


async def test_commands_are_completed(nowhere: Shell) -> None:
    done = await nowhere.process(**completing("ro"))
    assert done.out == "plain,rollback\n"


async def test_no_control_plane_completes_nothing_and_says_nothing(nowhere: Shell) -> None:
    done = await nowhere.process(**completing("rollback "))
    assert (done.out.strip(), done.err) == ("", "")


def test_an_empty_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSFADE_TOKEN", "")
    assert options.token() is None
    monkeypatch.setenv("CROSSFADE_TOKEN", "sk-CANARY")
    assert options.token() == "sk-CANARY"


def test_the_actor_is_a_user_at_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "jane")
    assert options.actor().startswith("jane@")


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert options.actor().startswith("uid-")


async def test_the_url_may_be_named(api: Service, nowhere: Shell) -> None:
    done = await nowhere("list", "--url", f"http://{api.address}")
    assert done.code == 0


async def test_a_url_that_is_none_is_a_usage_error(nowhere: Shell) -> None:
    assert (await nowhere("list", "--url", "localhost")).code == 2


async def test_an_unknown_form_is_a_usage_error(nowhere: Shell) -> None:
    assert (await nowhere("list", "-o", "csv")).code == 2
